"""The simulator's time: the machine's, plus an offset that a test sets."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count


class Clock:
    """Wall time that can be moved forward or set."""

    def __init__(self) -> None:
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """Return the simulator's time, in UTC."""
        return datetime.now(UTC) + self._offset

    def advance(self, *, seconds: float) -> None:
        """Move by `seconds`; a negative number moves back."""
        self._offset += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """Make `moment`, which has a zone, the present; time runs on from there."""
        self._offset = moment - datetime.now(UTC)

    def reset(self) -> None:
        """Go back to the machine's time."""
        self._offset = timedelta(0)


class Job[T]:
    """Work that is done once, when it is due or earlier on request."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._results: list[T] = []

    def do(self) -> T:
        """Do the work unless it is done, and return what it returned."""
        if not self._results:
            self._results.append(self._work())
        return self._results[0]


class LateWork:
    """Work that takes effect after its call was answered.

    It is done when the next call arrives after it fell due: no caller sees the difference.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._order = count()
        self._waiting: list[tuple[datetime, int, Callable[[], object]]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add[T](self, work: Callable[[], T], *, seconds: float) -> Job[T]:
        """Have `work` done once the clock has moved on by `seconds`."""
        job = Job(work)
        due = self._clock.now() + timedelta(seconds=seconds)
        heapq.heappush(self._waiting, (due, next(self._order), job.do))
        return job

    def settle(self) -> None:
        """Do what is due, in the order in which it fell due."""
        while self._waiting and self._waiting[0][0] <= self._clock.now():
            heapq.heappop(self._waiting)[2]()

    def forget(self) -> None:
        """Drop what is not done yet."""
        self._waiting.clear()
