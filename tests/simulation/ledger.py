"""The ledger in simulated time: chunks, lost answers, a lagging index, a stream."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import batched

from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.outbox.backlog import Attention, attention_of
from couponbus.domain.row import Row, Rows
from couponbus.ports.shared import Conflict, DuePage, IssuancePage
from tests.fakes.ledger import MemoryLedger, due_page
from tests.simulation.crowding import RowWrites, conditional_writes
from tests.simulation.faults import CROWDING, LOST, PARTLY, UNANSWERED
from tests.simulation.ports import SkewedClock
from tests.simulation.world import Invocation, World


@dataclass(frozen=True, slots=True)
class Change:
    """A stored row: when, by which invocation, and over which earlier row."""

    at: float
    by: Invocation
    row: Row
    before: Row | None


class SimulatedLedger:
    """The port Ledger; `watchers` get each change at the moment that it takes effect.

    `readers` get the keys of each read.
    """

    def __init__(self, world: World, *, chunk: int, index_lag: float) -> None:
        self.memory = MemoryLedger()
        self.watchers: list[Callable[[Change], None]] = []
        self.readers: list[Callable[[Sequence[str]], None]] = []
        self._world = world
        self._chunk = chunk
        self._index_lag = index_lag
        self._earlier: dict[str, tuple[float, Row | None]] = {}
        self._counted = 0
        self.overtaken: list[Row] = []  # another worker had stored a newer revision

    @property
    def rows(self) -> Mapping[str, Row]:
        return self.memory.rows

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        if len({row.key for row in rows}) < len(rows):
            raise ValueError("rows of one write have distinct keys")
        written = _Written()
        chunks = list(batched(rows, self._chunk, strict=False))
        fault = self._world.call("ledger.write")
        if fault == LOST:
            raise LedgerUnavailable("write: ThrottlingException")
        # The calls of a write are under way together: any of them may be those that take effect.
        for index, chunk in enumerate(chunks[::2] if fault == PARTLY else chunks):
            if index:
                self._world.pause(0.01)
            written.add(partial(self._write, chunk, fault))
        self._world.answer(fault)
        if fault in (UNANSWERED, PARTLY):
            raise LedgerUnavailable("write: ReadTimeoutError")
        return self._noted(written.conflicts_or_raised())

    def write_together(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        fault = self._world.call("ledger.write_together")
        if fault == LOST:
            raise LedgerUnavailable("transact_write_items: ThrottlingException")
        conflicts = self._stored(self.memory.write_together, rows)
        self._world.answer(fault)
        if fault == UNANSWERED:
            raise LedgerUnavailable("transact_write_items: ReadTimeoutError")
        return self._noted(conflicts)

    def read(self, keys: Sequence[str]) -> Rows:
        self._ask("ledger.read")
        for reader in self.readers:
            reader(keys)
        return self.memory.read(keys)

    def due(self, *, backlog: str, now: datetime, limit: int, after: str | None = None) -> DuePage:
        self._ask("ledger.due")
        shown = (row for key in self.rows if (row := self.indexed(key)) is not None)
        return due_page(shown, backlog, now=now, limit=limit, after=after)

    def attention(self, kind: Attention, *, limit: int) -> Sequence[str]:
        """Fail each third time; no call of the run, as it decides nothing of what is done."""
        self._counted += 1
        if self._counted % 3 == 0:
            raise LedgerUnavailable("ledger.attention: ProvisionedThroughputExceeded")
        shown = ((key, self.indexed(key)) for key in sorted(self.rows))
        return [key for key, row in shown if row is not None and attention_of(row) is kind][:limit]

    def issuances(self, *, limit: int, after: str | None = None) -> IssuancePage:
        self._ask("ledger.issuances")
        return self.memory.issuances(limit=limit, after=after)

    def _ask(self, name: str) -> None:
        if self._world.call(name) == "error":
            raise LedgerUnavailable(f"{name}: ProvisionedThroughputExceeded")

    def indexed(self, key: str) -> Row | None:
        """Return a row as the lagging indexes show it."""
        written, before = self._earlier[key]
        if self._world.now - written < self._index_lag:
            return before
        return self.rows[key]

    def bring_back(self, rows: Iterable[Row]) -> None:
        """Replace all rows of the table by these, as a restore does."""
        self.memory.rows = {row.key: row for row in rows}
        self._earlier = dict.fromkeys(self.memory.rows, (self._world.now, None))

    def delete(self, key: str) -> None:
        """Delete a row, as the table does with one that has expired."""
        del self.memory.rows[key], self._earlier[key]

    def _write(self, rows: Sequence[Row], fault: str | None) -> Sequence[Conflict]:
        """Write through the crowded client if the fault says so, otherwise in memory."""
        if fault not in CROWDING or fault is None:
            return self._stored(self.memory.write, rows)
        client = RowWrites(self._world, rows, stored=self.rows, store=self._put, fault=fault)
        return conditional_writes(client, SkewedClock(self._world)).write(rows)

    def _stored(
        self, write: Callable[[Sequence[Row]], Sequence[Conflict]], rows: Sequence[Row]
    ) -> Sequence[Conflict]:
        before = {row.key: self.rows.get(row.key) for row in rows}
        try:
            return write(rows)
        finally:  # some rows may be stored although the write of other rows fails
            for row in rows:
                # The stored object is the very one that was written; it may have been stored
                # before.
                if self.rows.get(row.key) is row and before[row.key] is not row:
                    self._changed(row, before[row.key])

    def _noted(self, conflicts: Sequence[Conflict]) -> Sequence[Conflict]:
        self.overtaken += [conflict.attempted for conflict in conflicts]
        return conflicts

    def _put(self, rows: Sequence[Row]) -> None:
        for row in rows:
            before = self.rows.get(row.key)
            self.memory.rows[row.key] = row
            self._changed(row, before)

    def _changed(self, row: Row, before: Row | None) -> None:
        self._earlier[row.key] = (self._world.now, before)
        change = Change(self._world.now, self._world.current(), row, before)
        for watch in self.watchers:
            watch(change)


class _Written:
    """The outcome of the chunks of one write: a failure in one chunk does not stop the rest."""

    def __init__(self) -> None:
        self._conflicts: list[Conflict] = []
        self._broken: set[str] = set()
        self._lost: LedgerUnavailable | None = None

    def add(self, write: Callable[[], Sequence[Conflict]]) -> None:
        try:
            self._conflicts += write()
        except RowsBroken as broken:
            self._broken |= broken.keys
        except LedgerUnavailable as lost:
            self._lost = lost

    def conflicts_or_raised(self) -> Sequence[Conflict]:
        if self._lost is not None:
            raise self._lost
        if self._broken:
            raise RowsBroken(self._broken)
        return self._conflicts
