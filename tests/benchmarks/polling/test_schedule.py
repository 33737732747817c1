"""Redemptions are seen sooner than by a uniform poll (docs/performance.md#polling-schedule)."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import cast

import pytest

from couponbus.domain.polling.cohort import Cohort, CohortKind, CohortSize, moment_of
from couponbus.domain.polling.plan import Tick, due_spans
from couponbus.domain.polling.poll_policy import PollGroup, PollPolicy
from couponbus.domain.polling.schedule import Throttle
from couponbus.domain.provider import Provider
from tests.benchmarks.alone import alone
from tests.benchmarks.polling.crowd import UNLIMITED
from tests.benchmarks.polling.gates import SETTINGS, SOME
from tests.benchmarks.polling.populations import DAY, HOUR, START, Group
from tests.benchmarks.polling.schedule_run import ScheduleRun
from tests.thorough import amount

GROUP = PollGroup(provider=Provider.UNIQODO, account="main", poll_policy=PollPolicy())
MANY = amount(400, few=200)

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def found() -> Mapping[str, Mapping[str, float]]:
    """Run it once for all tests."""
    text = alone("tests.benchmarks.polling.gates", "schedule")[-1]
    return cast("Mapping[str, Mapping[str, float]]", json.loads(text))


@pytest.mark.parametrize("profile", ["early", "by_day"][: amount(2, few=1)])
def test_who_redeems_early_or_at_the_end_is_seen_in_half_the_time(
    found: Mapping[str, Mapping[str, float]], profile: str
) -> None:
    assert found[profile]["redemptions"] > MANY
    assert found[profile]["middle"] <= 0.50
    assert found[profile]["p95"] <= 0.80


def test_who_redeems_at_any_time_is_seen_about_as_soon_as_by_a_uniform_interval(
    found: Mapping[str, Mapping[str, float]],
) -> None:
    assert found["flat"]["redemptions"] > MANY
    assert found["flat"]["middle"] <= 1.10
    assert found["flat"]["p95"] <= 1.10


@pytest.mark.parametrize("profile", [*SETTINGS][:SOME])
def test_the_calls_of_each_day_are_within_the_budget_and_no_watch_rests_too_long(
    found: Mapping[str, Mapping[str, float]], profile: str
) -> None:
    assert 0.8 < found[profile]["fullest_day"] <= 1.0
    assert found[profile]["longest_rest"] <= 1.0


def test_the_run_finds_the_due_polls_that_ticks_would_find() -> None:
    days, group = 2, Group(begun=START + 7 * HOUR + 12, shard=2, redeemed=(None,))
    outcome = ScheduleRun(account=UNLIMITED, poll_group=GROUP).run([group], days=days)

    cohort = Cohort(kind=CohortKind.AGE, group=GROUP, hour=group.begun // HOUR)
    free = Throttle(
        provider=UNLIMITED.provider, account=UNLIMITED.name, level=0, since=moment_of(0)
    )
    ticks = [
        Tick(
            since=moment_of(at - 1),
            until=moment_of(at),
            max_interval_seconds=UNLIMITED.max_interval_seconds,
        )
        for at in range(group.begun + 1, START + days * DAY + 1)
    ]
    due_polls = [
        one
        for tick in ticks
        for one in due_spans(CohortSize(cohort=cohort, watches=1), tick=tick, throttle=free)
        if one.span.shard == group.shard and one.span.first <= f"{group.begun:08d}" <= one.span.last
    ]

    assert outcome.groups[0].calls == len(due_polls) + 1  # and the poll at the sign-up
    assert len(due_polls) > 30
    assert timedelta(minutes=outcome.groups[0].longest_rest) <= timedelta(hours=12)
