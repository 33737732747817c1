"""A ledger in memory whose calls take simulated time, and whose due index is sorted."""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from couponbus.domain.outbox.backlog import backlog_of
from couponbus.domain.row import Row, Rows
from couponbus.ports.shared import Conflict, DuePage
from tests.fakes import prices
from tests.fakes.clock import ManualClock
from tests.fakes.unreliable_ledger import UnreliableLedger

type Place = tuple[str, str]


class PricedLedger(UnreliableLedger):
    """Time passes only for the function that `is_waited_for`: functions run concurrently.

    One row stands for `scale` rows, which keeps the simulation of a busy day small. `written`
    counts the stored rows by kind.
    """

    def __init__(self, clock: ManualClock, *, scale: int) -> None:
        super().__init__()
        self.is_waited_for = False
        self.read_from_index = 0
        self.written: dict[str, int] = defaultdict(int)
        self._clock = clock
        self._scale = scale
        self._places: dict[str, list[Place]] = defaultdict(list)
        self._place_of: dict[str, tuple[str, Place]] = {}

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        self._takes(prices.seconds_to_write(len(rows) * self._scale))
        conflicts = super().write(rows)
        for row in rows:
            self.placed(row.key)
            self.written[row.key.partition("#")[0]] += 1
        return conflicts

    def read(self, keys: Sequence[str]) -> Rows:
        self._takes(prices.seconds_to_read(len(keys) * self._scale))
        return super().read(keys)

    def due(self, *, backlog: str, now: datetime, limit: int, after: str | None = None) -> DuePage:
        self._takes(prices.INDEX_PAGE)
        places = self._places[backlog]
        end = bisect_right(places, (now.isoformat(), "~"))
        begin = 0 if after is None else bisect_right(places, _place_in(after))
        found = places[begin : min(begin + limit // self._scale + 1, end)]
        self.read_from_index += len(found)
        is_last = begin + len(found) >= end
        return DuePage(
            keys=[key for _, key in found], after=None if is_last else " ".join(found[-1])
        )

    def placed(self, key: str) -> None:
        """Let the index show a row as it is stored."""
        if key in self._place_of:
            backlog, place = self._place_of.pop(key)
            places = self._places[backlog]
            del places[bisect_right(places, place) - 1]
        row = self.rows.get(key)
        if row is not None and row.due_at is not None:
            backlog, place = backlog_of(row), (row.due_at.isoformat(), key)
            insort(self._places[backlog], place)
            self._place_of[key] = backlog, place

    def _takes(self, seconds: float) -> None:
        if self.is_waited_for:
            self._clock.pass_time(seconds)


def _place_in(after: str) -> Place:
    at, _, key = after.partition(" ")
    return at, key
