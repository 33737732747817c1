"""Every minute: enqueue the polls that became due since the last tick, within the call budgets.

No state of a watch is kept. A tick finds all polls that became due since the watermark, enqueues
them, and only then moves the watermark: the next tick makes up for one that dies, and one that
runs twice enqueues some polls twice, which costs calls and changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.polling.budget import DAY, PollAccount
from couponbus.domain.polling.cohort import GroupSizes
from couponbus.domain.polling.group_plan import DueCohorts
from couponbus.domain.polling.notice import Notice, NoticeKind, budget_notice_id
from couponbus.domain.polling.pause import Pause, broken_pause, pause_key
from couponbus.domain.polling.plan import DueSpan, Tick, due_spans, joined, packed
from couponbus.domain.polling.poll_policy import ListFilter, PollGroup
from couponbus.domain.polling.schedule import SCHEDULE_KEY, PollSchedule, Throttle
from couponbus.domain.polling.throttle import Demand, throttled
from couponbus.domain.provider import Provider
from couponbus.domain.timing import Timing
from couponbus.events.commands import SPANS_PER_COMMAND, PolledList, PollSpans, SpanReference
from couponbus.ports.polling import Cohorts
from couponbus.ports.shared import Clock, Commands, RateLimiter
from couponbus.usecases.store import Store

FIRST_TICK = timedelta(minutes=5)
USELESS_AFTER = timedelta(hours=1)
SECONDS_PER_MESSAGE = 20.0
NOTED_MAX = 1000  # remembered by a warm process, to spare a write for each tick
TENANT = "default"  # a budget belongs to the account, not to a tenant

type Key = tuple[Provider, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleReport:
    """What one tick did; `lag_seconds` is the age of the watermark when it began.

    `broken` names what it could not read: cohorts, and pauses and paces of accounts. These are
    left out. `paused` counts the accounts and promotions that are not polled until an operator
    resumes them.
    """

    spans: int = 0
    watches_expected: float = 0.0
    commands: int = 0
    lag_seconds: float = 0.0
    throttled: int = 0
    exceeded: int = 0
    paused: int = 0
    broken: frozenset[str] = frozenset()
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """The polls of one tick for one account."""

    account: PollAccount
    demand: Demand
    throttle: Throttle
    spans: Mapping[ListFilter | None, Sequence[DueSpan]]

    @property
    def all_spans(self) -> Sequence[DueSpan]:
        """The spans, whatever their filter is."""
        return [one for spans in self.spans.values() for one in spans]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetNotices:
    """Publishes an exceeded budget once a day: a second tick finds the row of the day."""

    store: Store
    clock: Clock
    timing: Timing
    noted: set[str] = field(default_factory=set, init=False)

    def note(self, account: PollAccount, demand: Demand) -> bool:
        """Have an exceeded budget published, once a day; return whether it is the first today.

        Raises RowsBroken when that cannot be stored.
        """
        if not demand.is_throttled:
            return False
        now = self.clock.now()
        allowed = account.calls_per_day
        notice = Notice(
            notice_id=budget_notice_id(
                provider=account.provider, account=account.name, day=now.date().isoformat()
            ),
            kind=NoticeKind.BUDGET_EXCEEDED,
            tenant=TENANT,
            provider=account.provider,
            account=account.name,
            noticed_at=now,
            calls_allowed=int(account.calls_per_second * DAY) if allowed is None else allowed,
            calls_due=int(demand.wanted * DAY),
            rest_kept=demand.rest_is_kept,
        )
        if notice.key in self.noted:
            return False
        try:
            is_new = self.store.put(notice.to_publish(by=self.timing.publish_by(now)))
        except LedgerUnavailable:
            return False  # the next tick finds the same
        if len(self.noted) >= NOTED_MAX:
            self.noted.clear()
        self.noted.add(notice.key)
        return is_new


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePolls:
    """Plans the polls of all accounts, one tick at a time by a lease on the schedule's row."""

    store: Store
    cohorts: Cohorts
    polls: Commands
    limiters: Mapping[Provider, RateLimiter]
    accounts: Sequence[PollAccount]
    notices: BudgetNotices
    clock: Clock

    def handle(self, *, deadline: datetime) -> ScheduleReport:
        """Enqueue what became due until now.

        Raises Unavailable: then the next tick does it. Raises RowsBroken without the schedule.
        """
        now = self.clock.now()
        schedule = self._leased(now, deadline)
        if schedule is None:
            return ScheduleReport(skipped=True)
        registered = self.cohorts.sizes()
        broken = set(registered.broken)
        pauses = self._pauses(broken)
        plans = self._plans(schedule, registered.groups, pauses, now, broken)
        commands = [command for plan in plans for command in _commands(plan, now=now)]
        self.polls.send(commands)
        others = _others(schedule, plans)
        throttles = (*(plan.throttle for plan in plans), *others)
        self.store.put(schedule.advanced(to=now, throttles=throttles))
        exceeded = self._exceeded(plans, broken)
        return ScheduleReport(
            spans=sum(len(plan.all_spans) for plan in plans),
            watches_expected=sum(one.watches for plan in plans for one in plan.all_spans),
            commands=len(commands),
            lag_seconds=(now - schedule.done_until).total_seconds(),
            throttled=sum(plan.demand.is_throttled for plan in plans),
            broken=frozenset(broken),
            exceeded=exceeded,
            paused=sum(pause.number for pause in pauses.values()),
        )

    def _leased(self, now: datetime, deadline: datetime) -> PollSchedule | None:
        """Return the schedule if no other tick holds it. Raises LedgerUnavailable, RowsBroken."""
        row = self.store.read([SCHEDULE_KEY]).get(SCHEDULE_KEY)
        schedule = (
            row if isinstance(row, PollSchedule) else PollSchedule(done_until=now - FIRST_TICK)
        )
        if schedule.is_held(now) or schedule.done_until >= now:
            return None
        stored = self.store.write([schedule.leased(until=deadline)])
        if stored.broken:
            raise RowsBroken(stored.broken)  # no other tick holds it: none can
        leased = stored.written[0] if stored.written else None
        return leased if isinstance(leased, PollSchedule) else None

    def _exceeded(self, plans: Sequence[_Plan], broken: set[str]) -> int:
        """Have exceeded budgets published; return how many are new today."""
        exceeded = 0
        for plan in plans:
            try:
                exceeded += self.notices.note(plan.account, plan.demand)
            except RowsBroken as error:
                broken |= error.keys
        return exceeded

    def _plans(
        self,
        schedule: PollSchedule,
        registered: Sequence[GroupSizes],
        pauses: Mapping[Key, Pause],
        now: datetime,
        broken: set[str],
    ) -> list[_Plan]:
        """Plan for each account that may be polled; add to `broken` what could not be read."""
        groups: dict[Key, list[GroupSizes]] = {}
        for one in registered:
            groups.setdefault(_key(one.group), []).append(one)
        plans: list[_Plan] = []
        for account in self.accounts:
            if account.key in pauses and pauses[account.key].reason is not None:
                continue
            try:
                plans.append(self._plan(account, groups.get(account.key, ()), schedule, now))
            except LedgerUnavailable as error:
                if not error.broken:
                    raise
                broken.update(error.broken)
        return plans

    def _pauses(self, broken: set[str]) -> Mapping[Key, Pause]:
        """Return the pauses of accounts; one whose pause is broken is paused."""
        keys = {pause_key(*account.key): account.key for account in self.accounts}
        rows = self.store.read(list(keys))
        broken.update(rows.broken)
        unknown = [broken_pause(*keys[key]) for key in rows.broken]
        return {keys[pause.key]: pause for pause in (*rows.of(Pause), *unknown)}

    def _plan(
        self,
        account: PollAccount,
        groups: Sequence[GroupSizes],
        schedule: PollSchedule,
        now: datetime,
    ) -> _Plan:
        before = schedule.throttle(*account.key) or Throttle(
            provider=account.provider, account=account.name, level=0, since=schedule.done_until
        )
        demand = throttled(
            account,
            groups,
            now=now,
            spent=self._spent(account),
            level=before.level,
            since=before.since,
        )
        # What is not enqueued yet counts at the new level, from the watermark on.
        after = (
            before
            if demand.level == before.level
            else before.changed(level=demand.level, at=schedule.done_until)
        )
        tick = Tick(
            since=schedule.done_until, until=now, max_interval_seconds=account.max_interval_seconds
        )
        due = DueCohorts(tick=tick, throttle=after)
        found: dict[ListFilter | None, list[DueSpan]] = {}
        for group in groups:
            alike = found.setdefault(group.group.list_filter, [])
            for size in due.of(group):
                alike += due_spans(size, tick=tick, throttle=after)
        spans = {list_filter: joined(alike) for list_filter, alike in found.items()}
        return _Plan(account=account, demand=demand, throttle=after, spans=spans)

    def _spent(self, account: PollAccount) -> int:
        if account.calls_per_day is None:
            return 0
        return self.limiters[account.provider].spent(account.name)


def _commands(plan: _Plan, *, now: datetime) -> list[PollSpans]:
    most = max(1.0, plan.account.calls_per_second * SECONDS_PER_MESSAGE)
    return [
        PollSpans(
            provider=plan.account.provider,
            account=plan.account.name,
            planned_at=now,
            useless_after=now + USELESS_AFTER,
            spans=tuple(
                SpanReference(
                    cohort=span.cohort_key, shard=span.shard, first=span.first, last=span.last
                )
                for span in batch
            ),
            list_filter=PolledList(**asdict(list_filter)) if list_filter else None,
        )
        for list_filter, spans in plan.spans.items()
        for batch in packed(spans, watches_max=most, spans_max=SPANS_PER_COMMAND)
    ]


def _others(schedule: PollSchedule, plans: Sequence[_Plan]) -> list[Throttle]:
    """Return the throttles of accounts that are paused now, or not configured."""
    planned = {(plan.throttle.provider, plan.throttle.account) for plan in plans}
    return [one for one in schedule.throttles if (one.provider, one.account) not in planned]


def _key(group: PollGroup) -> Key:
    return group.provider, group.account
