"""What is in the ledger, at the provider, on the bus and in the processes, in a few values."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, Self

# Before the deadline of the invocation; while a POST or a write may still take effect; after.
IN_TIME, SETTLING, SETTLED = 0, 1, 2

type Stored = Literal["absent", "PENDING", "REQUESTED", "ISSUED"]
# What a worker knows of one key of its batch.
type Known = Literal[
    "",  # nothing: it is not running
    "to claim",
    "claim unanswered",  # sent, and may be stored until `settle` is over
    "claimed",
    "posted",
    "issued",  # as the answer to the POST says
    "not issued",  # as the answer says, or nothing was sent
    "in doubt",  # no answer
    "stored",  # ISSUED in the ledger, not published
    "left",  # to the sweeper: the batch stays open
    "done",  # published, decided otherwise, or another worker's
]
# What a tick of the sweeper has yet to do with one key of a batch, before it drops it.
type Overdue = Literal["", "publish", "make due", "keep", "keep unless settled"]

NO_BATCH = -1


class Row(NamedTuple):
    """An issuance; `batch` is the claim that holds it, or by which it was issued.

    `due` is an entry of its own: for the sweeper to go on with it or to publish it. `changed` tells
    its revision from the one that the claim made.
    """

    state: Stored
    batch: int
    due: bool
    changed: bool


ABSENT = Row("absent", NO_BATCH, due=False, changed=False)


class Worker(NamedTuple):
    """One invocation and its batch, and what may still take effect when the invocation is over.

    `owes` are the keys in the batch; without any it is closed. `sent` are POSTs under way.
    """

    time: int
    runs: bool
    has_batch: bool
    owes: tuple[bool, ...]
    known: tuple[Known, ...]
    sent: tuple[bool, ...]

    def after(self, before: Known, then: Known) -> Self:
        """Return it with all keys of which it knew `before` in another state."""
        return self._replace(known=tuple(then if one == before else one for one in self.known))

    def without_claim(self, key: int) -> Self:
        """Return it when its claim under way can no longer be stored, and it does not know that."""
        if self.known[key] != "claim unanswered":
            return self
        return self._replace(known=put(self.known, key, "left" if self.runs else ""))

    def dead(self) -> Self:
        """Return what is left of it: the batch, and what is under way to the ledger or provider."""
        under_way = "claim unanswered" if self.time < SETTLED else None
        known: tuple[Known, ...] = tuple(one if one == under_way else "" for one in self.known)
        return self._replace(runs=False, known=known)


class Tick(NamedTuple):
    """One tick of the sweeper, and what it has read of an overdue batch."""

    batch: int
    todo: tuple[Overdue, ...]


class State(NamedTuple):
    """Everything, each tuple but the last two by key."""

    rows: tuple[Row, ...]
    barcodes: tuple[int, ...]
    published: tuple[bool, ...]
    workers: tuple[Worker, ...]
    ticks: tuple[Tick | None, ...]

    def with_row(self, key: int, row: Row) -> Self:
        """Write a row: whatever would be written over the one before is refused from now on."""
        workers = tuple([worker.without_claim(key) for worker in self.workers])
        ticks = [
            tick._replace(todo=put(tick.todo, key, "keep"))
            if tick is not None and tick.todo[key] == "make due"
            else tick
            for tick in self.ticks
        ]
        rows = put(self.rows, key, row)
        return self._replace(rows=rows, workers=workers, ticks=in_order(ticks))

    def with_worker(self, number: int, worker: Worker) -> Self:
        """Return it with another state of one worker."""
        return self._replace(workers=put(self.workers, number, worker))

    def with_published(self, key: int) -> Self:
        """Publish the event of a row; the same again is no other event."""
        return self._replace(published=put(self.published, key, item=True))

    def with_tick(self, number: int, tick: Tick | None) -> Self:
        """Return it with another state of one tick; which of them it is makes no difference."""
        return self._replace(ticks=in_order(put(self.ticks, number, tick)))


type Step = tuple[str, State]


def put[T](items: tuple[T, ...], index: int, item: T) -> tuple[T, ...]:
    """Return a tuple with one item replaced."""
    return (*items[:index], item, *items[index + 1 :])


def in_order(ticks: Iterable[Tick | None]) -> tuple[Tick | None, ...]:
    """Return the ticks so that which of them is which makes no difference."""
    return tuple(sorted(ticks, key=lambda tick: tick or ()))


def idle(keys: int) -> Worker:
    """Return a worker without a batch."""
    none: tuple[bool, ...] = (False,) * keys
    return Worker(
        IN_TIME,
        runs=False,
        has_batch=False,
        owes=none,
        known=tuple[Known, ...]([""] * keys),
        sent=none,
    )


def name_of(key: int) -> str:
    """Return a key as people read it."""
    return "abc"[key]
