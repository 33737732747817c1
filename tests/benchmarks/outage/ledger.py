"""A ledger in simulated time, with the latencies and the billed units of DynamoDB."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import batched

from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.reads import KEYS_PER_CALL
from couponbus.aws.ledger.statements import STATEMENTS_PER_CALL
from couponbus.aws.ledger.writes import CALLS_AT_ONCE
from couponbus.domain.outbox.backlog import Attention, backlog_of
from couponbus.domain.row import Row, Rows
from couponbus.ports.shared import Conflict, DuePage
from tests.benchmarks.units import index_units, table_units
from tests.simulation.ledger import Change, SimulatedLedger
from tests.simulation.world import World

AT_ONCE = STATEMENTS_PER_CALL * CALLS_AT_ONCE  # rows
ALONE_SECONDS = 0.01  # PutItem
CALLS_SECONDS = 0.15  # BatchExecuteStatement: several calls at once
READ_SECONDS = 0.02  # a hundred rows
QUERY_SECONDS = 0.01  # a page of the index


class PricedLedger(SimulatedLedger):
    """Counts write units and writes of each row."""

    def __init__(self, world: World) -> None:
        super().__init__(world, chunk=AT_ONCE, index_lag=0.0)
        self.units: Counter[str] = Counter()
        self.revisions: Counter[str] = Counter()
        self._indexes: defaultdict[str, DueIndex] = defaultdict(DueIndex)
        self.watchers.append(self._billed)

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        conflicts: list[Conflict] = []
        for chunk in batched(rows, AT_ONCE, strict=False):
            self._world.pause(ALONE_SECONDS if len(chunk) == 1 else CALLS_SECONDS)
            conflicts += self._stored(self.memory.write, chunk)
        return conflicts

    def read(self, keys: Sequence[str]) -> Rows:
        for _ in batched(keys, KEYS_PER_CALL, strict=False):
            self._world.pause(READ_SECONDS)
        return self.memory.read(keys)

    def due(self, *, backlog: str, now: datetime, limit: int, after: str | None = None) -> DuePage:
        self._world.pause(QUERY_SECONDS)
        return self._indexes[backlog].page(now, limit=limit, after=after)

    def attention(self, kind: Attention, *, limit: int) -> Sequence[str]:
        self._world.pause(QUERY_SECONDS)
        return []  # no outage leaves an issuance ambiguous

    def _billed(self, change: Change) -> None:
        row, before = change.row, change.before
        item = encode(row)
        old = None if before is None else encode(before)
        self.units[row.key] += table_units(old, item) + sum(index_units(old, item).values())
        self.revisions[row.key] += 1
        if before is not None and before.due_at is not None:
            self._indexes[backlog_of(before)].leave(row.key, before.due_at)
        if row.due_at is not None:
            self._indexes[backlog_of(row)].enter(row.key, row.due_at)


class DueIndex:
    """The keys of a backlog by the second in which they are due."""

    def __init__(self) -> None:
        self._seconds: list[int] = []
        self._keys: defaultdict[int, dict[str, datetime]] = defaultdict(dict)

    def enter(self, key: str, due_at: datetime) -> None:
        second = int(due_at.timestamp())
        if second not in self._keys:
            insort(self._seconds, second)
        self._keys[second][key] = due_at

    def leave(self, key: str, due_at: datetime) -> None:
        second = int(due_at.timestamp())
        del self._keys[second][key]
        if not self._keys[second]:
            del self._keys[second]
            del self._seconds[bisect_left(self._seconds, second)]

    def page(self, now: datetime, *, limit: int, after: str | None) -> DuePage:
        """Return the first due keys, the longest overdue first."""
        start, _, last = (after or "0 ").partition(" ")
        found: list[tuple[int, str]] = []
        for second in self._seconds[bisect_left(self._seconds, int(start)) :]:
            if second > now.timestamp() or len(found) > limit:
                break
            found += [
                (second, key)
                for key, due_at in sorted(self._keys[second].items())
                if due_at <= now and (second > int(start) or key > last)
            ]
        keys = [key for _, key in found[:limit]]
        more = len(found) > limit
        return DuePage(keys=keys, after=f"{found[limit - 1][0]} {keys[-1]}" if more else None)
