"""The rate limiter of a probe: one call at a time, at a slow pace, up to a maximum."""

from datetime import datetime, timedelta

from couponbus.ports.shared import Clock

CALLS_MAX = 20


class NoMoreCallsError(Exception):
    """The maximum number of calls is reached."""


class CallLimiter:
    """Counts calls, and gives each one a slot.

    It is also the clock of the transport: where that would pause before it repeats a call, the
    repetition waits for its slot like any other call.
    """

    def __init__(self, *, clock: Clock, calls_per_second: float, most: int = CALLS_MAX) -> None:
        """Let the first call go at once."""
        self._clock = clock
        self._between = timedelta(seconds=1 / calls_per_second)
        self._most = most
        self.taken = 0
        self._next_at: datetime | None = None

    def take(self) -> None:
        """Wait until the next call may go. Raises NoMoreCallsError."""
        if self.taken == self._most:
            raise NoMoreCallsError
        self.taken += 1
        now = self._clock.now()
        if self._next_at is not None and now < self._next_at:
            self._clock.sleep((self._next_at - now).total_seconds())
        self._next_at = self._clock.now() + self._between

    def now(self) -> datetime:
        """Return the present."""
        return self._clock.now()

    def sleep(self, _seconds: float) -> None:
        """Wait for the next slot instead. Raises NoMoreCallsError."""
        self.take()
