"""A bus that keeps what reached it, and that can refuse or fail."""

from collections import deque
from collections.abc import Collection, Sequence

from couponbus.domain.errors import BusUnavailable
from couponbus.events.base import PublishedEvent

type BusFault = BusUnavailable | Collection[int]


class MemoryBus:
    """Events in order of arrival; each planned fault belongs to one call of `publish`.

    A fault is an error to raise, or the indexes to refuse; nothing is published of a call that
    raises, and everything when its answer is lost.
    """

    def __init__(self) -> None:
        self.events: list[PublishedEvent] = []
        self._faults: deque[BusFault] = deque()
        self._answers_to_lose = 0

    def will(self, *faults: BusFault) -> None:
        """Plan the faults of the next calls."""
        self._faults.extend(faults)

    def will_lose_the_answer(self) -> None:
        self._answers_to_lose += 1

    def publish(self, events: Sequence[PublishedEvent]) -> Sequence[int]:
        fault = self._faults.popleft() if self._faults else ()
        if isinstance(fault, BusUnavailable):
            raise fault
        self.events.extend(each for index, each in enumerate(events) if index not in fault)
        if self._answers_to_lose:
            self._answers_to_lose -= 1
            raise BusUnavailable("a text of no log", code="put_events:ReadTimeoutError")
        return [index for index in range(len(events)) if index in fault]
