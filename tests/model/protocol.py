"""The issuing protocol as a model: what may happen, what must never be, and what must become."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from tests.model.mistakes import Mistake
from tests.model.state import ABSENT, Row, State, Step, idle, name_of
from tests.model.surroundings import Surroundings
from tests.model.sweeper import DueRowSteps, TickSteps
from tests.model.worker import WorkerSteps


class Actor(Protocol):
    """A process, or something else that changes the state."""

    def is_urgent(self, state: State) -> bool:
        """Whether its next step makes no difference to others, whenever it comes."""
        ...

    def steps(self, state: State) -> Iterator[Step]:
        """Yield what it does where nothing fails."""
        ...

    def faults(self, state: State) -> Iterator[Step]:
        """Yield what may go wrong."""
        ...


class IssuingProtocol:
    """Workers over one ledger, each with its keys, beside as many ticks of the sweeper."""

    def __init__(
        self, *, batches: Sequence[Sequence[int]], ticks: int, mistake: Mistake | None = None
    ) -> None:
        """Let each worker ask for the keys of its batch."""
        keys = 1 + max(key for batch in batches for key in batch)
        self.start = State(
            rows=(ABSENT,) * keys,
            barcodes=(0,) * keys,
            published=(False,) * keys,
            workers=(idle(keys),) * len(batches),
            ticks=(None,) * ticks,
        )
        self.actors: Sequence[Actor] = [
            *(WorkerSteps(number, frozenset(keys), mistake) for number, keys in enumerate(batches)),
            *(TickSteps(number, mistake) for number in range(ticks)),
            DueRowSteps(mistake),
            Surroundings(),
        ]

    def steps(self, state: State) -> Iterator[Step]:
        """Yield what happens where nothing fails."""
        for actor in self.actors:
            yield from actor.steps(state)

    def faults(self, state: State) -> Iterator[Step]:
        """Yield crashes, lost answers, and writes of others."""
        for actor in self.actors:
            yield from actor.faults(state)

    def violation(self, state: State) -> str | None:
        """Return which promise is broken.

        A sign-up is acknowledged as soon as a worker finds its row stored: so each row that is
        stored must be owed.
        """
        for key, row in enumerate(state.rows):
            if state.barcodes[key] > 1:
                return f"{name_of(key)} has two barcodes"
            if row.state == "ISSUED" and not state.barcodes[key]:
                return f"{name_of(key)} is stored as ISSUED and has no barcode"
            if state.published[key] and row.state != "ISSUED":
                return f"{name_of(key)} is published and not stored as ISSUED"
            if row.state != "absent" and not _is_owed(key, row, state):
                return f"{name_of(key)} is stored as {row.state} and no due entry leads to it"
        return None

    def is_at_rest(self, state: State) -> bool:
        """Whether each key is issued and published, and each batch closed."""
        is_over = all(not worker.runs and not any(worker.owes) for worker in state.workers)
        return is_over and all(state.published)


def _is_owed(key: int, row: Row, state: State) -> bool:
    """Whether something goes on with it, though every process dies."""
    is_done = row.state == "ISSUED" and state.published[key]
    return is_done or row.due or (row.batch >= 0 and state.workers[row.batch].owes[key])
