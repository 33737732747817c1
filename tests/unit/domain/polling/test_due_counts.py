"""Due polls are the same, however a time is divided into ticks and however late these come."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.polling.cadence import BEFORE_END, around_end, by_age
from couponbus.domain.polling.cohort import HOUR_MINUTES, SHARDS, CohortKind, CohortSize
from couponbus.domain.polling.due_counts import CROWD, together
from couponbus.domain.polling.poll_policy import PollPolicy
from tests.fakes.clock import NOON
from tests.thorough import thorough
from tests.unit.domain.polling.ticking import (
    DAY,
    EVERYWHERE,
    HOUR,
    LADDERS,
    MINUTE,
    REST,
    Place,
    a_size,
    found,
    held_back,
    places,
)

AGES = st.sampled_from([-HOUR, -5 * MINUTE, 150 * MINUTE, 11 * HOUR, 29 * HOUR, 5 * DAY, 40 * DAY])
SIZES = st.builds(
    a_size,
    st.sampled_from(CohortKind),
    at=st.sampled_from([NOON, NOON + 7 * HOUR, NOON + 2 * DAY]),
    watches=st.sampled_from([1, 900, CROWD, CROWD + 1, 2_000_000]),
    poll_policy=LADDERS,
)
LENGTHS = st.lists(
    st.sampled_from([1, 1, 1, 2, 3, 10, 61, 400]).map(lambda minutes: minutes * MINUTE)
    | st.integers(1, 3_600).map(lambda seconds: timedelta(seconds=seconds)),
    min_size=2,
    max_size=8,
)
LEVELS = st.sampled_from([0, 20, 40, 160])
# When a new level has settled, relative to the start of the ticks.
SETTLED = st.sampled_from([-DAY, MINUTE, 5 * MINUTE, 30 * MINUTE, 3 * HOUR])


def chain(start: datetime, lengths: list[timedelta]) -> Iterator[tuple[datetime, datetime]]:
    for length in lengths:
        yield start, start + length
        start += length


@thorough(150, few=50)
@given(SIZES, AGES, LENGTHS, LEVELS, SETTLED)
def test_a_late_tick_finds_whom_the_small_ones_would_have_found_each_once(
    size: CohortSize, age: timedelta, lengths: list[timedelta], level: int, settled: timedelta
) -> None:
    start = NOON + age
    throttle = held_back(level, since=start + settled - timedelta(seconds=REST / 2))
    small: set[Place] = set()
    for since, until in chain(start, lengths):
        small.update(places(size, found(size, since, until, throttle=throttle)))

    late = places(size, found(size, start, start + sum(lengths, timedelta()), throttle=throttle))

    assert len(late) == len(set(late))
    assert set(late) == small


@thorough(30, few=10)
@given(SIZES, AGES, LEVELS)
def test_a_tick_repeated_finds_the_same(size: CohortSize, age: timedelta, level: int) -> None:
    since, until = NOON + age, NOON + age + 7 * MINUTE
    throttle = held_back(level, since=NOON)

    first = found(size, since, until, throttle=throttle)

    assert first == found(size, since, until, throttle=throttle)


@pytest.mark.parametrize("watches", [10, CROWD + 1])
@pytest.mark.parametrize("level", [0, 36])
def test_from_its_beginning_on_each_place_has_as_many_due_polls_as_its_cadence_counts(
    watches: int, level: int
) -> None:
    size, days = a_size(watches=watches), 3
    due_polls = dict.fromkeys(EVERYWHERE, 0)
    cadence = by_age(PollPolicy(), level=level, max_interval_seconds=REST / 2)

    for since, until in chain(NOON, [MINUTE] * (days * 1440)):
        for place in places(size, found(size, since, until, throttle=held_back(level))):
            due_polls[place] += 1

    for (minute, shard), count in due_polls.items():
        group = HOUR_MINUTES if watches <= CROWD else 1  # minutes that share due polls in the end
        oldest = minute // group * group
        whole = cadence.polls_at(days * 86_400.0 - oldest * 60) + size.cohort.phase(shard)
        assert count == math.floor(whole)


def test_around_the_end_each_place_has_its_due_polls_too() -> None:
    size = a_size(CohortKind.END)
    due_polls = dict.fromkeys(EVERYWHERE, 0)
    start = NOON - timedelta(seconds=BEFORE_END) - HOUR

    for since, until in chain(start, [7 * MINUTE] * 600):
        for place in places(size, found(size, since, until)):
            due_polls[place] += 1

    whole = around_end(level=0).polls_at(10**9)
    for (_, shard), count in due_polls.items():
        assert count == math.floor(whole + size.cohort.phase(shard))


def test_the_older_the_more_are_polled_together_but_never_a_crowd() -> None:
    few, crowd = a_size(watches=CROWD), a_size(watches=CROWD + 1)
    ages = [0, 3 * 60, 12 * 60, 30 * 60, 90 * 1440]

    widths = [together(few, few.cohort.first_minute + age) for age in ages]

    assert widths == [1, 5, 15, 60, 60]
    assert {together(crowd, crowd.cohort.first_minute + age) for age in ages} == {1}


@pytest.mark.parametrize(("age", "width"), [(3 * HOUR, 5), (12 * HOUR, 15), (30 * HOUR, 60)])
def test_where_more_begin_to_share_due_polls_no_watch_has_one_too_many_or_too_few(
    age: timedelta, width: int
) -> None:
    size, start = a_size(), NOON + age - age / 4
    seen: dict[Place, list[datetime]] = {place: [] for place in EVERYWHERE}

    while start < NOON + age + age / 4:
        for place in places(size, found(size, start, start + MINUTE)):
            seen[place].append(start + MINUTE)
        start += MINUTE

    assert all(len(times) > 3 for times in seen.values())
    for (minute, _), times in seen.items():
        began = NOON + minute * MINUTE
        for one, other in pairwise(times):
            assert other - one < (other - began) * 0.1 + 3 * MINUTE
            assert other - one > (one - began) * 0.09 - width * MINUTE


def test_the_shards_of_a_cohort_are_due_one_after_the_other() -> None:
    size = a_size(watches=2_000_000)
    at = NOON + 20 * DAY

    shards = [
        {shard for _, shard in places(size, found(size, at + hour * HOUR, at + (hour + 1) * HOUR))}
        for hour in range(12)
    ]

    assert set.union(*shards) == set(range(SHARDS))
    assert max(len(each) for each in shards) == 1
