"""The same protocol in fewer states: what differs in nothing that a later step sees is one."""

from collections.abc import Iterator
from functools import cache

from tests.model.protocol import IssuingProtocol
from tests.model.state import (
    NO_BATCH,
    SETTLING,
    Known,
    Row,
    State,
    Step,
    Tick,
    Worker,
    idle,
    in_order,
)

DECIDED = frozenset[Known](("issued", "not issued", "in doubt"))
HELD = frozenset[Known](("claimed", "posted")) | DECIDED
TO_COME = frozenset[Known](("to claim", "claim unanswered"))
DONE = Row("ISSUED", NO_BATCH, due=False, changed=False)


class Reduced:
    """A protocol in which an actor whose step is urgent goes first, and what is over is forgotten.

    Each planted mistake must be found in it too, or it would leave out too much.
    """

    def __init__(self, protocol: IssuingProtocol) -> None:
        """Reduce this protocol."""
        self._protocol = protocol
        self.start = protocol.start
        self.violation = protocol.violation
        self.is_at_rest = protocol.is_at_rest

    def steps(self, state: State) -> Iterator[Step]:
        """Yield what happens where nothing fails."""
        for actor in self._protocol.actors:
            if actor.is_urgent(state):
                return _reduced(actor.steps(state))
        return _reduced(self._protocol.steps(state))

    def faults(self, state: State) -> Iterator[Step]:
        """Yield what may go wrong."""
        for actor in self._protocol.actors:
            if actor.is_urgent(state):
                return _reduced(actor.faults(state))
        return _reduced(self._protocol.faults(state))


def _reduced(steps: Iterator[Step]) -> Iterator[Step]:
    for label, state in steps:
        rows = tuple([_row(key, row, state) for key, row in enumerate(state.rows)])
        workers = tuple(
            [_worker(number, worker, rows) for number, worker in enumerate(state.workers)]
        )
        ticks = in_order([_tick(tick, workers) for tick in state.ticks])
        yield label, State(rows, state.barcodes, state.published, workers, ticks)


def _row(key: int, row: Row, state: State) -> Row:
    """Forget who issued what is published, and a revision that nothing is compared with."""
    if row.state == "ISSUED" and state.published[key]:
        return DONE
    if row.changed:
        worker = state.workers[row.batch] if row.batch != NO_BATCH else None
        if worker is None or not worker.runs or worker.known[key] not in HELD:
            return row._replace(changed=False)
    return row


@cache
def _worker(number: int, worker: Worker, rows: tuple[Row, ...]) -> Worker:
    """Forget what it will find changed, keys that need no batch, and a batch that is over."""
    known = [
        "done" if one in DECIDED and row.batch != number else one
        for one, row in zip(worker.known, rows, strict=True)
    ]
    owes = [
        owed and (one in TO_COME or (row.batch == number and not row.due))
        for owed, one, row in zip(worker.owes, known, rows, strict=True)
    ]
    known = [
        "done" if one == "left" and not owed else one for one, owed in zip(known, owes, strict=True)
    ]
    worker = worker._replace(known=tuple[Known, ...](known), owes=tuple(owes))
    is_claim = any(row.batch == number for row in rows)
    is_under_way = worker.runs or True in worker.sent or "claim unanswered" in known
    if not (is_claim or is_under_way or True in owes):
        return idle(len(rows))
    is_bound = "to claim" in known or "claimed" in known
    return worker if worker.time or is_bound else worker._replace(time=SETTLING)


@cache
def _tick(tick: Tick | None, workers: tuple[Worker, ...]) -> Tick | None:
    """Forget a tick on a batch that is closed."""
    if tick is None or True not in workers[tick.batch].owes:
        return None
    owes = workers[tick.batch].owes
    todo = tuple(["" if not owed else one for one, owed in zip(tick.todo, owes, strict=True)])
    return tick._replace(todo=todo)
