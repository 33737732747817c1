"""All dependencies of polling, in memory, with a manual clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.poll_policy import PollPolicy, WatchRule
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.redemption import Redemption, StatedTime
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_identity import watch_id_of
from couponbus.domain.provider import Provider
from couponbus.events.base import Command
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.invocation import BatchResult
from couponbus.usecases.messages import Message
from couponbus.usecases.outbox import assembly as outbox_assembly
from couponbus.usecases.polling import assembly as polling_assembly
from couponbus.usecases.polling import schedule_assembly
from couponbus.usecases.polling.poll_redemptions import PollRedemptions
from couponbus.usecases.polling.schedule_polls import ScheduleReport
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.cohorts import MemoryCohorts
from tests.fakes.event_bus import MemoryBus
from tests.fakes.executor import InlineExecutor
from tests.fakes.ids import CountingIds
from tests.fakes.programs import MemoryPrograms
from tests.fakes.pseudonyms import PlainPseudonyms
from tests.fakes.queues import MemoryCommands, MemoryQuarantine
from tests.fakes.rate_limiter import MemoryRateLimiter
from tests.fakes.redemptions import MemoryRedemptions
from tests.fakes.unreliable_ledger import UnreliableLedger

PROMOTION = "a0" * 16
USER = "user-1"
INVOCATION = 300.0
TICK = 60.0
LADDER = PollPolicy()
UNIQODO = WatchRule(
    provider=Provider.UNIQODO,
    account="main",
    promotion=PROMOTION,
    poll_policy=LADDER,
    grace_seconds=86_400,
    warn_days=3,
)
KOUPON = replace(UNIQODO, provider=Provider.KOUPON, promotion=None)
PROGRAM = replace(factories.any_program(seed=1), name="welcome", watches=(UNIQODO, KOUPON))
ACCOUNTS = tuple(
    PollAccount(
        provider=provider,
        name="main",
        calls_per_second=1000.0,
        calls_per_day=None,
        max_interval_seconds=48 * 3600.0,
    )
    for provider in Provider
)


def use(number: int = 1, *, at: datetime = NOON, value: str = "45.00") -> Redemption:
    """Return a redemption as Uniqodo reports it."""
    return Redemption(
        redemption_id=str(number),
        distributor_id="102",
        merchant_id="1",
        offer_id="4883",
        code=f"CODE{number:04d}",
        order_id=f"order-{number}",
        order_value=Decimal(value),
        discount_value=Decimal("5.00"),
        currency="GBP",
        redeemed_at=StatedTime(raw=at.isoformat(), at=at),
    )


def snapshot(*uses: Redemption) -> Snapshot:
    return Snapshot(is_complete=True, uses=uses, offer_id="4883")


class PollingWorld:
    """The product's polling in one process."""

    def __init__(
        self,
        *programs: Program,
        accounts: Sequence[PollAccount] = ACCOUNTS,
        ledger: UnreliableLedger | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.ledger = ledger or UnreliableLedger()
        self.cohorts = MemoryCohorts(self.ledger)
        self.redemptions = MemoryRedemptions()
        self.limiters = {
            provider: MemoryRateLimiter(
                clock=self.clock,
                calls_per_second={
                    one.name: one.calls_per_second for one in accounts if one.provider is provider
                },
                calls_per_day={
                    one.name: one.calls_per_day
                    for one in accounts
                    if one.provider is provider and one.calls_per_day is not None
                },
            )
            for provider in Provider
        }
        self.bus = MemoryBus()
        self.commands = MemoryCommands()
        self.polls = MemoryCommands()
        self.quarantine = MemoryQuarantine()
        self.pseudonyms = PlainPseudonyms()
        self.programs = MemoryPrograms(*(programs or (PROGRAM,)))
        self.accounts = accounts
        self.base = Foundation(
            ledger=self.ledger,
            clock=self.clock,
            ids=CountingIds(),
            timing=factories.any_timing(),
        )
        self.poller = self._poller()

    def poll(self, *commands: Command, within: float = INVOCATION) -> BatchResult:
        """Run one invocation of poll_redemptions with these commands."""
        messages = [
            Message(message_id=f"m-{number}", body=command.model_dump_json())
            for number, command in enumerate(commands)
        ]
        return self.poller.handle(messages, deadline=self.in_seconds(within))

    def tick(self) -> ScheduleReport:
        """Run schedule_polls once."""
        ticker = schedule_assembly.schedule_polls(
            self.base,
            cohorts=self.cohorts,
            polls=self.polls,
            limiters=self.limiters,
            accounts=self.accounts,
        )
        return ticker.handle(deadline=self.in_seconds(TICK))

    def sweep(self) -> None:
        """Run the sweeper once."""
        sweeper = outbox_assembly.sweep_due(
            self.base,
            bus=self.bus,
            commands=self.commands,
            polls=self.polls,
            redeliveries=MemoryCommands(),
            limiter=MemoryRateLimiter(clock=self.clock, calls_per_second={}),
            accounts={},
        )
        sweeper.handle(deadline=self.in_seconds(TICK))

    def deliver(self) -> BatchResult:
        """Run one invocation with all messages in the polls queue."""
        sent, self.polls.sent = self.polls.sent, []
        return self.poll(*sent)

    def cycle(self, *, seconds: float = TICK) -> BatchResult:
        """Let time pass, run schedule and sweeper, then deliver their messages."""
        self.clock.pass_time(seconds)
        self.tick()
        self.sweep()
        return self.deliver()

    def pass_days(self, days: float, *, step: float = 1800.0) -> None:
        """Let time pass cycle by cycle."""
        end = self.clock.now() + timedelta(days=days)
        while self.clock.now() < end:
            self.cycle(seconds=step)

    def show(self, seen: Snapshot, *, user: str = USER) -> None:
        """Let Uniqodo show this of a user."""
        self.redemptions.shows[(Provider.UNIQODO, "main", PROMOTION, user)] = seen

    def begin(self, *, user: str = USER, seen: Snapshot | None = None) -> Watch:
        """Return the watch of a user after its first poll."""
        self.show(seen or snapshot(), user=user)
        watch = new_watch(user=user, now=self.clock.now())
        self.ledger.rows[watch.key] = watch.put_off(until=self.clock.now()).written("begin")
        self.sweep()
        self.deliver()
        return self.watch(user)

    def watch(self, user: str = USER) -> Watch:
        """Return the watch of a user as it is stored."""
        row = self.ledger.rows[new_watch(user=user, now=NOON).key]
        assert isinstance(row, Watch)
        return row

    @property
    def recorded(self) -> list[RecordedRedemption]:
        rows = self.ledger.rows.values()
        return [row for row in rows if isinstance(row, RecordedRedemption)]

    @property
    def published_types(self) -> list[str]:
        """Return the types of the events on the bus, in order."""
        return [event.detail_type for event in self.bus.events]

    def in_seconds(self, seconds: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds)

    def _poller(self) -> PollRedemptions:
        return polling_assembly.poll_redemptions(
            self.base,
            redemptions=self.redemptions,
            cohorts=self.cohorts,
            programs=lambda: self.programs,
            limiters=self.limiters,
            accounts=self.accounts,
            quarantine=self.quarantine,
            pseudonyms=self.pseudonyms,
            executor=InlineExecutor(),
        )


def new_watch(*, user: str, now: datetime, order: WatchRule = UNIQODO) -> Watch:
    """Return a watch that was not polled yet."""
    return Watch(
        watch_id=watch_id_of(
            provider=order.provider,
            account=order.account,
            promotion=order.promotion,
            user_ref=PlainPseudonyms().of(tenant="default", customer=f"{order.provider}:{user}"),
        ),
        tenant="default",
        provider=order.provider,
        account=order.account,
        promotion=order.promotion,
        user_id=user,
        customer_ref="cus_TEST",
        program="welcome",
        signup_id=f"signup-{user}",
        poll_policy=order.poll_policy,
        grace_seconds=order.grace_seconds,
        warn_days=order.warn_days,
        list_filter=order.list_filter,
        started_at=now,
        ends_at=now + timedelta(seconds=order.poll_policy.horizon_seconds),
    )
