"""What is left out of a group's cohorts has no due poll, whatever the levels were."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.polling.cadence import LEVELS
from couponbus.domain.polling.cohort import CohortKind, CohortSize, GroupSizes, hour_of
from couponbus.domain.polling.due_counts import CROWD
from couponbus.domain.polling.group_plan import DueCohorts, ExpectedCalls
from couponbus.domain.polling.plan import DueSpan, Tick, due_spans, expected_calls
from couponbus.domain.polling.poll_policy import PollPolicy
from couponbus.domain.polling.schedule import Throttle
from tests.fakes.clock import NOON
from tests.thorough import thorough
from tests.unit.domain.polling.ticking import (
    DAY,
    LADDERS,
    MINUTE,
    REST,
    a_group,
    held_back,
)

HOURS = range(hour_of(NOON) - 40 * 24, hour_of(NOON) + 5 * 24)
CROWDS = (1, 30, 400, CROWD + 1)


def a_crowd(source: Random, policy: PollPolicy, *, chance: float = 0.05) -> GroupSizes:
    began, ends = (
        {hour: source.choice(CROWDS) for hour in HOURS if source.random() < chance}
        for _ in CohortKind
    )
    return GroupSizes(group=a_group(policy), began=began, ends=ends)


def a_throttle(source: Random, *, changes: int) -> Throttle:
    """Return the last of so many levels, each of some hours."""
    since = NOON - timedelta(hours=source.uniform(0, source.choice((24, 30 * 24))))
    throttle = held_back(source.randrange(LEVELS), since=since)
    for _ in range(changes):
        since += (NOON - since) * source.random()
        throttle = throttle.changed(level=source.choice((0, source.randrange(LEVELS))), at=since)
    return throttle


def ticks(source: Random) -> Iterator[Tick]:
    for _ in range(2):
        since = NOON + timedelta(minutes=source.uniform(0, 1200))
        until = since + source.choice((MINUTE, 7 * MINUTE, 40 * MINUTE))
        yield Tick(since=since, until=until, max_interval_seconds=REST)


def spans(sizes: Iterator[CohortSize], tick: Tick, throttle: Throttle) -> Sequence[DueSpan]:
    return [one for size in sizes for one in due_spans(size, tick=tick, throttle=throttle)]


@thorough(200, few=15)
@given(LADDERS, st.sampled_from([0, 0, 1, 2, 20, 70]), st.integers(0, 10**6))
def test_all_due_polls_are_among_those_of_the_cohorts_that_may_have_some(
    policy: PollPolicy, changes: int, seed: int
) -> None:
    source = Random(seed)
    crowd, throttle = a_crowd(source, policy), a_throttle(source, changes=changes)

    for tick in ticks(source):
        found = spans(DueCohorts(tick=tick, throttle=throttle).of(crowd), tick, throttle)

        wanted = spans(crowd.cohorts(), tick, throttle)
        assert sorted(found, key=repr) == sorted(wanted, key=repr)


@pytest.mark.parametrize("minutes", [0.0, 7.5, 31.0])
@pytest.mark.parametrize("level", [0, 9, 40])
def test_a_group_takes_the_calls_of_its_cohorts(level: int, minutes: float) -> None:
    crowd = a_crowd(Random(level), PollPolicy(), chance=0.5)
    at = NOON + minutes * MINUTE

    calls = ExpectedCalls(crowd, at=at.timestamp(), max_interval_seconds=REST)

    assert calls.at_level(level) == pytest.approx(
        sum(
            expected_calls(one, at=at, level=level, max_interval_seconds=REST)
            for one in crowd.cohorts()
        )
    )


@pytest.mark.parametrize("changes", [0, 3])
def test_few_cohorts_are_looked_at_in_a_tick(changes: int) -> None:
    began = dict.fromkeys(range(hour_of(NOON) - 30 * 24, hour_of(NOON)), 30)
    ends = dict.fromkeys(range(hour_of(NOON), hour_of(NOON) + 30 * 24), 30)
    crowd = GroupSizes(group=a_group(), began=began, ends=ends)
    throttle = a_throttle(Random(1), changes=changes)
    tick = Tick(since=NOON + DAY, until=NOON + DAY + MINUTE, max_interval_seconds=REST)

    looked_at = list(DueCohorts(tick=tick, throttle=throttle).of(crowd))

    assert len(looked_at) <= len([*crowd.cohorts()]) / 20
