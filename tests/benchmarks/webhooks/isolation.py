"""How long events take to a healthy endpoint, alone and beside endpoints that make workers wait.

Fan-out, sweeper, sender and sockets are real; queues, table and clock are simulated.
"""

import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from statistics import median

from couponbus.aws.clock import RandomIds, SystemClock
from couponbus.domain.durations import timing
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.domain.webhooks.retry_schedule import message_id_of
from couponbus.ports.shared import Clock
from couponbus.providers.http.transport import trust_public_authorities
from couponbus.providers.webhooks.addresses import Policy
from couponbus.providers.webhooks.sender import WebhookSender
from couponbus.runtime.threads import ThreadedExecutor
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.outbox import assembly as outbox_assembly
from couponbus.usecases.webhooks import assembly as webhook_assembly
from functions.deliver_webhooks.wiring import THREADS
from tests.benchmarks.webhooks import neighbours as endpoints
from tests.benchmarks.webhooks.events import envelope, new_event_id
from tests.benchmarks.webhooks.fair_queue import Queue
from tests.benchmarks.webhooks.fast_time import FastClock, FastWebhooks
from tests.benchmarks.webhooks.neighbours import Neighbours
from tests.benchmarks.webhooks.platform import Batching, Platform, SharedLedger, Work
from tests.benchmarks.webhooks.receivers import Arrivals, Manners, receivers
from tests.benchmarks.webhooks.worker_queues import WorkerQueues
from tests.fakes.endpoint_pace import MemoryEndpointPace
from tests.fakes.event_bus import MemoryBus
from tests.fakes.queues import MemoryCommands, MemoryQuarantine
from tests.fakes.rate_limiter import MemoryRateLimiter
from tests.fakes.signing_keys import MemorySigningKeys, key_not_real

FANS = 2
FAN_BATCH, BATCH = Batching(size=20, window=1.0), Batching(size=10, window=0.0)
WELL_SECONDS, SLOW_SECONDS = 0.2, 10.0
SWITCH_SECONDS = 0.0005  # between threads: in production functions do not share an interpreter

type MakeQueues = Callable[[Clock], WorkerQueues]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The events of a run; times are in seconds of a clock that is `faster` than real time."""

    faster: float
    seconds: float
    a_second: float
    refused: int = 0  # the number of the one event that the healthy endpoint refuses once
    patience: float = 60.0  # how long the last event is waited for


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """From each event to its arrival, in seconds."""

    seconds: Sequence[float]

    @property
    def middle(self) -> float:
        """Return the median."""
        return median(self.seconds)

    @property
    def p95(self) -> float:
        """Return the delay that one event in twenty exceeds."""
        return sorted(self.seconds)[math.ceil(len(self.seconds) * 0.95) - 1]

    @property
    def longest(self) -> float:
        """Return the longest delay."""
        return max(self.seconds)


def measure(neighbours: Neighbours, load: Load, *, queues: MakeQueues, seed: int) -> Delays:
    """Publish events at moments that depend on the seed, until the last has arrived."""
    manners = Manners(
        well=WELL_SECONDS / load.faster, slow=SLOW_SECONDS / load.faster, refuses=load.refused
    )
    with _quick_switches(), receivers(manners) as arrivals:
        return _System(neighbours, arrivals, load, queues=queues).delays(seed=seed)


class _System:
    """Everything between the bus and the receivers."""

    def __init__(
        self, neighbours: Neighbours, arrivals: Arrivals, load: Load, *, queues: MakeQueues
    ) -> None:
        self._load = load
        self._arrivals = arrivals
        self._clock = FastClock(rate=load.faster)
        self._queues = queues(self._clock)
        self._notifications = Queue(clock=self._clock)
        rows = list(endpoints.rows(neighbours, arrivals, now=self._clock.now()))
        self._keys = MemorySigningKeys()
        self._keys.keys = {
            row.endpoint_id: [key_not_real(row.endpoint_id)]
            for row in rows
            if isinstance(row, Endpoint)
        }
        self._base = Foundation(
            ledger=SharedLedger(*rows), clock=self._clock, ids=RandomIds(), timing=timing()
        )

    def delays(self, *, seed: int) -> Delays:
        platform = Platform(clock=self._clock)
        fans = [self._fan() for _ in range(FANS)]
        platform.reads(self._notifications, batching=FAN_BATCH, workers=fans)
        for one in self._queues:
            senders = [self._sender() for _ in range(one.workers)]
            platform.reads(one.queue, batching=BATCH, workers=senders)
        sweeper = outbox_assembly.sweep_due(
            self._base,
            bus=MemoryBus(),
            commands=MemoryCommands(),
            polls=MemoryCommands(),
            redeliveries=self._queues.again.queue,
            limiter=MemoryRateLimiter(clock=self._clock, calls_per_second={}),
            accounts={},
        )
        platform.ticks(lambda deadline: sweeper.handle(deadline=deadline), seed=seed)
        with platform.running():
            return self._awaited(list(self._publish(Random(seed))))

    def _fan(self) -> Work:
        job = webhook_assembly.fan_out_webhooks(
            self._base, deliveries=self._queues.first.queue, quarantine=MemoryQuarantine()
        )
        return lambda messages, deadline: job.handle(messages, deadline=deadline)

    def _sender(self) -> Work:
        sender = WebhookSender(
            policy=Policy.LOCAL, clock=SystemClock(), trust=trust_public_authorities()
        )
        job = webhook_assembly.deliver_webhooks(
            self._base,
            webhooks=FastWebhooks(sender, clock=self._clock),
            signing_keys=self._keys,
            pace=MemoryEndpointPace(clock=self._clock),
            quarantine=MemoryQuarantine(),
            executor=ThreadedExecutor(size=THREADS),
        )
        return lambda messages, deadline: job.handle(messages, deadline=deadline)

    def _publish(self, source: Random) -> Iterator[tuple[str, float]]:
        at = time.monotonic()
        end = at + self._load.seconds / self._load.faster
        while at < end:
            time.sleep(max(at - time.monotonic(), 0.0))
            event_id = new_event_id(source)
            yield message_id_of(event_id), time.monotonic()
            self._notifications.put(envelope(event_id), group=event_id)
            at += source.expovariate(self._load.a_second) / self._load.faster

    def _awaited(self, published: Sequence[tuple[str, float]]) -> Delays:
        """Return the delays; an event that does not arrive counts until the end of the wait."""
        end = time.monotonic() + self._load.patience / self._load.faster
        while time.monotonic() < end and any(
            self._arrivals.of(one) is None for one, _ in published
        ):
            time.sleep(0.01)
        last = time.monotonic()
        moments = [(self._arrivals.of(one) or last, at) for one, at in published]
        return Delays(seconds=[(arrived - at) * self._load.faster for arrived, at in moments])


@contextmanager
def _quick_switches() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
