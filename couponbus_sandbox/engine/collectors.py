"""Which waiting messages the pollers of a queue take, each with a window and a batch of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from random import Random

FIRST_COLLECTORS = 5  # Lambda begins with five (services-sqs-scaling)
RECEIVED_AT_ONCE = 10
LARGEST_PAYLOAD = 6 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """The settings of a mapping, and how many of its pollers may collect just now."""

    size: int
    window: float
    collectors: int


@dataclass(slots=True, kw_only=True)
class _Collector:
    """A poller between its first message and its invocation; `closed` if another did not fit."""

    since: float
    ids: list[str] = field(default_factory=list)
    payload: int = 0
    closed: bool = False

    def room(self, most: int) -> int:
        return 0 if self.closed else min(RECEIVED_AT_ONCE, most - len(self.ids))

    def is_due(self, batching: Batching, now: float) -> bool:
        full = self.closed or len(self.ids) >= batching.size
        return full or now >= self.since + batching.window


class Collectors:
    """The pollers of one mapping.

    Each receives up to ten messages at a time. What waits at once is received in turns; which
    poller is the first to ask is chance, as with long polls that are all open.
    """

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._open: list[_Collector] = []

    def due(self, waiting: Mapping[str, int], *, batching: Batching, now: float) -> Sequence[str]:
        """Return the ids of a batch that is full or whose window is over, or none.

        `waiting` has the bytes of each message that can be received, by id, the oldest first.
        """
        self._forget_all_but(waiting)
        self._hand_out(waiting, batching, now)
        for collector in self._open:
            if collector.is_due(batching, now):
                self._open.remove(collector)
                return collector.ids
        return ()

    def ends(self, window: float) -> float | None:
        """Return when the next window is over, None if no poller has a message."""
        return min((each.since + window for each in self._open), default=None)

    def _forget_all_but(self, waiting: Mapping[str, int]) -> None:
        """Drop what was deleted, expired or received elsewhere meanwhile."""
        for collector in self._open:
            collector.ids = [each for each in collector.ids if each in waiting]
            collector.payload = sum(waiting[each] for each in collector.ids)
        self._open = [each for each in self._open if each.ids]

    def _hand_out(self, waiting: Mapping[str, int], batching: Batching, now: float) -> None:
        taken = {each for collector in self._open for each in collector.ids}
        left = [each for each in waiting if each not in taken]
        idle = batching.collectors - len(self._open)
        seats = [*self._open, *(_Collector(since=now) for _ in range(idle))]
        self._chance.shuffle(seats)
        for collector in cycle(seats):
            if not left or not any(seat.room(batching.size) for seat in seats):
                break
            self._receive(collector, left, waiting, batching.size)
        self._open = [seat for seat in seats if seat.ids]

    def _receive(
        self, collector: _Collector, left: list[str], waiting: Mapping[str, int], size: int
    ) -> None:
        for each in left[: collector.room(size)]:
            if collector.ids and collector.payload + waiting[each] > LARGEST_PAYLOAD:
                collector.closed = True
                return
            collector.ids.append(each)
            collector.payload += waiting[each]
            left.remove(each)
