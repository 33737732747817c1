"""A million watches as the schedule sees them: only the size of each cohort."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic_core import from_json, to_json

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.polling.cohort_items import (
    document_of,
    expiry_of,
    hour_name,
    key_of,
    sizes_of,
)
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.cohort import (
    Cohort,
    CohortKind,
    CohortSize,
    CohortSizes,
    Member,
    Span,
    hour_of,
)
from couponbus.domain.polling.poll_policy import DAY, PollGroup, PollPolicy
from couponbus.domain.polling.schedule import SCHEDULE_KEY, PollSchedule
from couponbus.domain.provider import Provider
from couponbus.events.commands import PollSpans
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.polling import schedule_assembly
from couponbus.usecases.polling.schedule_polls import ScheduleReport
from tests import factories
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.ledger import MemoryLedger
from tests.fakes.queues import MemoryCommands
from tests.fakes.rate_limiter import MemoryRateLimiter

WATCHES = 1_000_000
DAYS = 30  # since the first sign-up, and how long a code lives
OPEN = range(8, 22)  # most customers sign up while the shops are open
CALLS_A_DAY = 1.5
MINUTE = timedelta(minutes=1)
NO_WATCHES = 1  # the count of a cohort whose watches are all over
UNLIMITED = PollAccount(
    provider=Provider.UNIQODO,
    name="main",
    calls_per_second=1e6,
    calls_per_day=None,
    max_interval_seconds=172_800.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What one tick did, and the CPU time that it took."""

    report: ScheduleReport
    commands: Sequence[PollSpans]
    cpu: float


class _Registry:
    """`ports.Cohorts` with counts only, which each tick reads out of an answer of the table."""

    def __init__(self, sizes: Sequence[CohortSize]) -> None:
        self._answer = to_json(registered(sizes))

    def enter(self, arrivals: Mapping[Cohort, int]) -> None:
        raise AssertionError("the schedule changes no cohort")

    def leave(self, departures: Mapping[Cohort, int]) -> None:
        raise AssertionError("the schedule changes no cohort")

    def sizes(self) -> CohortSizes:
        return sizes_of(from_json(self._answer))

    def members(self, span: Span) -> Sequence[Member]:
        raise AssertionError("the schedule looks at no watch")


def registered(sizes: Sequence[CohortSize]) -> list[Item]:
    """Return the registry's items of these cohorts."""
    days: dict[str, Item] = {}
    for one in sizes:
        key = key_of(one.cohort)
        days.setdefault(key["sk"]["S"], key).update(
            {
                hour_name(one.cohort): {"N": str(one.watches)},
                "document": {"S": document_of(one.cohort.group)},
                "ttl": {"N": expiry_of(one.cohort)},
            }
        )
    return list(days.values())


def groups(count: int) -> list[PollGroup]:
    """Return groups of one account, each with another horizon."""
    return [
        PollGroup(
            provider=Provider.UNIQODO,
            account="main",
            poll_policy=PollPolicy(horizon_seconds=(90 + number) * DAY),
        )
        for number in range(count)
    ]


def evenly(watches: int, *, groups: Sequence[PollGroup], now: datetime) -> list[CohortSize]:
    """Return the cohorts of a month's sign-ups, most of them during opening hours."""
    hours = [hour_of(now) - back for back in range(DAYS * 24)]
    weights = [4 if hour % 24 in OPEN else 1 for hour in hours]
    return [
        CohortSize(
            cohort=Cohort(kind=kind, group=group, hour=hour + later),
            watches=max(1, round(watches * weight / sum(weights) / len(groups))),
        )
        for group in groups
        for kind, later in ((CohortKind.AGE, 0), (CohortKind.END, DAYS * 24))
        for hour, weight in zip(hours, weights, strict=True)
    ]


def left_over(group: PollGroup, *, now: datetime) -> list[CohortSize]:
    """Return the cohorts in the registry whose watches are all over by now."""
    past = [
        Cohort(kind=kind, group=group, hour=hour_of(now) - hours)
        for kind, first in ((CohortKind.AGE, DAYS), (CohortKind.END, 0))
        for hours in range(first * 24, 400 * 24)
    ]
    return [
        CohortSize(cohort=one, watches=NO_WATCHES)
        for one in past
        if int(expiry_of(one)) > now.timestamp()
    ]


def campaign(watches: int, *, group: PollGroup, now: datetime) -> list[CohortSize]:
    """Return the cohorts of customers who all signed up in the hour of `now`."""
    return [
        CohortSize(
            cohort=Cohort(kind=kind, group=group, hour=hour_of(now) + later), watches=watches
        )
        for kind, later in ((CohortKind.AGE, 0), (CohortKind.END, DAYS * 24))
    ]


def account(watches: int) -> PollAccount:
    """Return an account whose budget binds."""
    return replace(
        UNLIMITED,
        calls_per_second=max(watches * CALLS_A_DAY / 86_400 * 2, 1.0),
        calls_per_day=round(watches * CALLS_A_DAY),
    )


class ScheduleHarness:
    """The schedule with a crowd, and a clock that the caller sets."""

    def __init__(self, sizes: Sequence[CohortSize], *, account: PollAccount) -> None:
        self._clock = ManualClock()
        self._ledger = MemoryLedger()
        self._polls = MemoryCommands()
        base = Foundation(
            ledger=self._ledger,
            clock=self._clock,
            ids=CountingIds(),
            timing=factories.any_timing(),
        )
        self._job = schedule_assembly.schedule_polls(
            base,
            cohorts=_Registry(sizes),
            polls=self._polls,
            limiters={account.provider: MemoryRateLimiter(clock=self._clock, calls_per_second={})},
            accounts=(account,),
        )

    @property
    def schedule(self) -> PollSchedule:
        """Return the row of the schedule."""
        row = self._ledger.rows[SCHEDULE_KEY]
        assert isinstance(row, PollSchedule)
        return row

    def tick(self, now: datetime, *, covers: timedelta = MINUTE) -> Tick:
        """Tick as if everything had been enqueued until `covers` before."""
        self._clock.present = now
        row = self._ledger.rows.get(SCHEDULE_KEY, PollSchedule(done_until=now))
        assert isinstance(row, PollSchedule)
        self._ledger.rows[SCHEDULE_KEY] = replace(row, done_until=now - covers)
        self._polls.sent.clear()
        began = time.process_time()
        report = self._job.handle(deadline=now + MINUTE)
        cpu = time.process_time() - began
        commands = [one for one in self._polls.sent if isinstance(one, PollSpans)]
        return Tick(report=report, commands=commands, cpu=cpu)
