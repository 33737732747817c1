"""Noticing who lets an invocation wait while it waits: others need not find out for themselves."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.domain.webhooks.retry_schedule import SLOW_SECONDS
from couponbus.ports.shared import Clock

SLOW = timedelta(seconds=SLOW_SECONDS)
WATCHED = SLOW + timedelta(seconds=1)  # for what begins when something quick has ended
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.25
GROWTH = 1.25  # how much longer each pause is: an invocation may last so much longer for it

type Notice = Callable[[Sequence[str]], None]


class SlowEndpointDetector:
    """Attempts under way, on any number of threads; `notice` is called on that of the executor."""

    def __init__(self, *, clock: Clock, notice: Notice) -> None:
        """Call this with the ids of endpoints that have just turned out to be slow."""
        self._clock = clock
        self._notice = notice
        self._begun: dict[str, tuple[Endpoint, datetime]] = {}
        self._ended: list[object] = []
        self._noticed: set[str] = set()

    def begin(self, delivery_id: str, endpoint: Endpoint) -> None:
        """Count from now."""
        self._begun[delivery_id] = endpoint, self._clock.now()

    def end(self, delivery_id: str) -> None:
        """Count no longer."""
        del self._begun[delivery_id]

    def over[R](self, jobs: Sequence[Callable[[], R]]) -> Iterator[Callable[[], R]]:
        """Yield the jobs; an executor that asks for more has nothing to do but to wait."""
        for job in jobs:
            yield partial(self._until_its_end, job)
        until, pause = self._clock.now() + WATCHED, FIRST_PAUSE
        while len(self._ended) < len(jobs) and self._clock.now() < until:
            self._clock.sleep(pause)
            pause = min(pause * GROWTH, LONGEST_PAUSE)
            self._look()

    def _until_its_end[R](self, job: Callable[[], R]) -> R:
        try:
            return job()
        finally:
            self._ended.append(job)

    def _look(self) -> None:
        since = self._clock.now() - SLOW
        slow = {
            endpoint.endpoint_id
            for endpoint, begun in tuple(self._begun.values())
            if begun <= since and endpoint.slow_since is None
        }
        if news := sorted(slow - self._noticed):
            self._noticed.update(news)
            self._notice(news)
