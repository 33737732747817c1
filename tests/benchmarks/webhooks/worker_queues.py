"""The queues between an event and the sender: two as they are deployed, or one for all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.ports.shared import Clock
from tests.benchmarks.webhooks.fair_queue import FairQueue, Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """The most concurrent invocations for first attempts, and for retries."""

    first: int
    again: int

    @property
    def all(self) -> int:
        """Return the sum of both."""
        return self.first + self.again


# The values of the shipped samples.
LOCAL, DEPLOYED = Workers(first=10, again=2), Workers(first=30, again=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerQueue:
    """A queue and the number of its workers."""

    queue: Queue
    workers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerQueues:
    """The queues of fan-out and sweeper; both can be the same."""

    first: WorkerQueue
    again: WorkerQueue

    def __iter__(self) -> Iterator[WorkerQueue]:
        """Yield each queue once."""
        yield self.first
        if self.again is not self.first:
            yield self.again


def two_queues(clock: Clock, *, workers: Workers) -> WorkerQueues:
    """Return the queues as they are deployed: fair queues, each with its own workers."""
    return WorkerQueues(
        first=WorkerQueue(queue=FairQueue(clock=clock), workers=workers.first),
        again=WorkerQueue(queue=FairQueue(clock=clock), workers=workers.again),
    )


def one_queue(clock: Clock, *, workers: Workers) -> WorkerQueues:
    """Return one queue without groups, with as many workers."""
    only = WorkerQueue(queue=Queue(clock=clock), workers=workers.all)
    return WorkerQueues(first=only, again=only)


@contextmanager
def all_endpoints_alike() -> Iterator[None]:
    """Treat all endpoints as healthy, for any answer, until the block ends."""
    known = Endpoint.keeps_waiting
    Endpoint.keeps_waiting = lambda self, now: False  # type: ignore[method-assign]
    try:
        yield
    finally:
        Endpoint.keeps_waiting = known  # type: ignore[method-assign]
