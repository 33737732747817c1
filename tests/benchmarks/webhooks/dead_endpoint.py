"""Hours with an endpoint that accepts nothing: the waits of other work, and the writes.

The use cases are real; time passes in the sweeper's calls only, by their latencies on AWS.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import batched

from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.events.base import Command
from couponbus.events.commands import ContinueWork
from couponbus.ports.webhooks import Sent
from couponbus.usecases.messages import Message
from couponbus.usecases.outbox import assembly as outbox_assembly
from tests import factories
from tests.fakes import prices
from tests.fakes.clock import ManualClock
from tests.fakes.priced_ledger import PricedLedger
from tests.fakes.queues import MemoryCommands
from tests.fakes.rate_limiter import MemoryRateLimiter
from tests.fakes.webhooks import unanswered
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld, url_of

MINUTE = 60.0
HOURLY = 60  # minutes between two issuances that need the sweeper
BATCH = 10  # messages per invocation that retries

type Trouble = Callable[[Endpoint, datetime], Endpoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadEndpointLoad:
    """`a_second` events a second for an endpoint, for hours; one of `scale` is published."""

    hours: int
    a_second: float
    scale: int
    answers: Sent
    trouble: Trouble


@dataclass(slots=True, kw_only=True)
class DeadEndpointResult:
    """The result; `waits` are seconds from when an issuance was due until it was enqueued."""

    waits: list[float] = field(default_factory=list)
    deliveries: int = 0
    attempts: int = 0
    rows_written: int = 0
    waking_rows: int = 0

    @property
    def longest_wait(self) -> float:
        """Return the longest wait of an issuance."""
        return max(self.waits)

    @property
    def writes_beside_attempts(self) -> float:
        """Return the writes per delivery, its attempts (two writes each) left out."""
        return (self.rows_written - 2 * self.attempts) / self.deliveries


class _Queue(MemoryCommands):
    """A queue that delays its writer, and records when each command came."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self.came: dict[str, datetime] = {}
        self._clock = clock

    def send(self, commands: Sequence[Command], *, delays: Sequence[int] = ()) -> None:
        self._clock.pass_time(prices.seconds_to_send(len(commands)))
        super().send(commands, delays=delays)
        for command in commands:
            if isinstance(command, ContinueWork):
                self.came = {**dict.fromkeys(command.keys, self._clock.now()), **self.came}


def dead(endpoint: Endpoint, now: datetime) -> Endpoint:
    """Return the endpoint as one that has failed for a while."""
    return endpoint.failed(now=now - timedelta(hours=1), publish_by=now)


def paused(endpoint: Endpoint, now: datetime) -> Endpoint:
    """Return the endpoint as one that an operator has paused."""
    return endpoint.paused(now=now)


ACCOUNT = factories.any_account()
NOT_CONNECTED = unanswered("not_connected", seconds=0.0)
A_DAY = DeadEndpointLoad(hours=24, a_second=50.0, scale=50, answers=NOT_CONNECTED, trouble=dead)


def run_dead_endpoint(load: DeadEndpointLoad) -> DeadEndpointResult:
    """Run the hours, minute by minute."""
    return _Stage(load).run()


class _Stage:
    """Functions that run concurrently, once a minute; only the sweeper takes time."""

    def __init__(self, load: DeadEndpointLoad) -> None:
        self._load = load
        self._world = WebhookWorld()
        self._clock = self._world.clock
        self._ledger = PricedLedger(self._clock, scale=load.scale)
        self._world.ledger = self._ledger
        self._world.base = replace(self._world.base, ledger=self._ledger)
        self._commands = _Queue(self._clock)
        self._again = _Queue(self._clock)
        self._asked: dict[str, datetime] = {}
        self._found = DeadEndpointResult()
        self._world.has(load.trouble(self._world.make(), self._clock.now()))
        self._world.webhooks.always(url_of("shop"), load.answers)

    def run(self) -> DeadEndpointResult:
        events = 0.0
        for minute in range(self._load.hours * 60):
            events += self._load.a_second * MINUTE / self._load.scale
            self._publish(int(events))
            events -= int(events)
            if minute % HOURLY == 0:
                self._has_due()
            begun = self._clock.now()
            self._tick()
            self._tried_again()
            left = begun + timedelta(seconds=MINUTE) - self._clock.now()
            self._clock.pass_time(max(left.total_seconds(), 0.0))
        return self._summed_up()

    def _publish(self, events: int) -> None:
        events_now = [factories.any_event() for _ in range(events)]
        for some in batched(events_now, 100, strict=False):
            self._world.fan_out(*some)
        self._found.deliveries += events

    def _has_due(self) -> None:
        fresh = replace(factories.any_issuance(), account=ACCOUNT.name, due_at=self._clock.now())
        row = fresh.written("another-worker")
        self._ledger.rows[row.key] = row
        self._ledger.placed(row.key)
        self._asked[row.key] = self._clock.now()

    def _tick(self) -> None:
        sweeper = outbox_assembly.sweep_due(
            self._world.base,
            bus=self._world.bus,
            commands=self._commands,
            polls=_Queue(self._clock),
            redeliveries=self._again,
            limiter=MemoryRateLimiter(clock=self._clock, calls_per_second={}),
            accounts={ACCOUNT.name: ACCOUNT},
        )
        self._ledger.is_waited_for = True
        sweeper.handle(deadline=self._clock.now() + timedelta(seconds=MINUTE))
        self._ledger.is_waited_for = False

    def _tried_again(self) -> None:
        sent, self._again.sent = self._again.sent, []
        for some in batched(sent, BATCH, strict=False):
            messages = [
                Message(message_id=f"d-{number}", body=command.model_dump_json())
                for number, command in enumerate(some)
            ]
            self._world.deliver_messages(*messages)

    def _summed_up(self) -> DeadEndpointResult:
        found, now = self._found, self._clock.now()
        found.waits = [
            (self._commands.came.get(key, now) - at).total_seconds()
            for key, at in self._asked.items()
        ]
        found.attempts = len(self._world.arrived())
        found.rows_written = self._ledger.written["DELIVERY"]
        found.waking_rows = self._ledger.written["PARKING"]
        return found
