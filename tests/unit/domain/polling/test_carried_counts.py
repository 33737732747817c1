"""A change of level loses no due poll: the count goes on from where it was."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.polling.cadence import LEVELS, by_age
from couponbus.domain.polling.carried_counts import NOTHING, Carried, carried
from couponbus.domain.polling.cohort import CohortKind, CohortSize
from couponbus.domain.polling.due_counts import CROWD
from couponbus.domain.polling.poll_policy import PollPolicy
from couponbus.domain.polling.schedule import REMEMBERED, Throttle
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
    Waiting,
    a_size,
    found,
    held_back,
    places,
)

LONGEST_TICK = 30 * MINUTE
SEEDS = st.integers(0, 10**6)


def changed(throttle: Throttle, *, chance: float, at: datetime, source: Random) -> Throttle:
    if source.random() >= chance:
        return throttle
    return throttle.changed(level=source.choice([0, 40, 75, 90, LEVELS]), at=at)


def with_changes(moments: Sequence[datetime], source: Random) -> Throttle:
    throttle = held_back()
    for moment in moments:
        throttle = changed(throttle, chance=1.0, at=moment, source=source)
    return throttle


def longest_wait(size: CohortSize, *, chance: float, seed: int, days: int) -> timedelta:
    source = Random(seed)
    waiting, throttle, now = Waiting(size), held_back(), NOON
    while now < NOON + days * DAY:
        until = now + source.choice([1, 1, 2, 5, 30]) * MINUTE
        throttle = changed(throttle, chance=chance, at=now, source=source)
        waiting.tick(found(size, now, until, throttle=throttle), at=until)
        now = until
    waiting.stop(at=now)
    return waiting.longest


@thorough(12, few=4)
@given(LADDERS, st.sampled_from([0.002, 0.01]), SEEDS)
def test_while_the_levels_are_remembered_no_watch_waits_longer_than_a_cadence_rests(
    poll_policy: PollPolicy, chance: float, seed: int
) -> None:
    waited = longest_wait(a_size(poll_policy=poll_policy), chance=chance, seed=seed, days=7)

    assert waited <= timedelta(seconds=REST / 2) + LONGEST_TICK


@thorough(5, few=2)
@given(SEEDS)
def test_when_they_are_too_many_to_remember_no_watch_waits_longer_than_allowed(seed: int) -> None:
    waited = longest_wait(a_size(), chance=0.1, seed=seed, days=7)

    assert waited <= timedelta(seconds=REST) + LONGEST_TICK


@thorough(60, few=20)
@given(
    st.sampled_from(CohortKind),
    st.sampled_from([1, CROWD + 1]),
    st.lists(st.integers(-60, 80 * 60), max_size=8).map(sorted),
    st.integers(0, 80 * 60),
    st.lists(st.sampled_from([1, 2, 7, 61, 400]), min_size=2, max_size=6),
    SEEDS,
)
def test_a_late_tick_finds_whom_the_small_ones_would_have_found(
    kind: CohortKind, watches: int, changes: list[int], age: int, lengths: list[int], seed: int
) -> None:
    size = a_size(kind, at=NOON + 2 * DAY if kind is CohortKind.END else NOON, watches=watches)
    throttle = with_changes([NOON + minute * MINUTE for minute in changes], Random(seed))
    ends = [NOON + age * MINUTE]
    for length in lengths:
        ends.append(ends[-1] + length * MINUTE)
    small: set[Place] = set()
    for since, until in pairwise(ends):
        small.update(places(size, found(size, since, until, throttle=throttle)))

    late = places(size, found(size, ends[0], ends[-1], throttle=throttle))

    assert set(late) == small


@pytest.mark.parametrize("seed", range(2))
def test_each_place_has_as_many_due_polls_as_all_levels_counted_together(seed: int) -> None:
    size, source, days = a_size(watches=CROWD + 1), Random(seed), 2
    throttle, whole = held_back(), dict.fromkeys(range(60), 0.0)
    due_polls = dict.fromkeys(EVERYWHERE, 0)

    for now in (NOON + tick * 5 * MINUTE for tick in range(days * 288)):
        throttle = changed(throttle, chance=0.02, at=now, source=source)
        cadence = by_age(PollPolicy(), level=throttle.level, max_interval_seconds=REST / 2)
        for minute in whole:
            since = (now - NOON - minute * MINUTE).total_seconds()
            whole[minute] += cadence.polls_at(since + 300) - cadence.polls_at(since)
        for place in set(places(size, found(size, now, now + 5 * MINUTE, throttle=throttle))):
            due_polls[place] += 1

    assert len(throttle.past) > 4
    for (minute, shard), count in due_polls.items():
        # Less than one due poll in five minutes at any level: none of them hides another.
        assert count == math.floor(whole[minute] + size.cohort.phase(shard))


def test_watches_that_share_due_polls_have_as_many_as_the_one_with_most() -> None:
    apart = [float(minute) for minute in range(60)]

    published = Carried(0.5, apart)

    assert published.of(0, width=1) == 0.5
    assert published.of(15, width=15) == 29.5
    assert published.bounds == (0.5, 59.5)
    assert NOTHING.of(15, width=60) == 0
    assert NOTHING.bounds == (0, 0)


def test_a_change_before_the_beginning_carries_nothing() -> None:
    throttle = held_back().changed(level=80, at=NOON - HOUR).changed(level=0, at=NOON - MINUTE)
    size = a_size()

    published = carried(
        throttle.course(),
        first_minute=size.cohort.first_minute,
        lead=0.0,
        cadence_at=lambda level: by_age(PollPolicy(), level=level, max_interval_seconds=REST),
        width_at=lambda _: 1,
    )

    assert published == NOTHING


def test_only_so_many_levels_are_remembered_the_oldest_are_forgotten_first() -> None:
    throttle = held_back(1, since=NOON)
    for number in range(REMEMBERED + 10):
        throttle = throttle.changed(level=number % 7, at=NOON + number * HOUR)

    course = throttle.course()

    assert len(course) == REMEMBERED + 1
    assert course[-1].level == throttle.level == (REMEMBERED + 9) % 7
    assert course[-1].since == pytest.approx(throttle.since.timestamp() / 60)
    assert [one.since for one in course] == sorted(one.since for one in course)
    assert course[0].since == pytest.approx((NOON + 9 * HOUR).timestamp() / 60)
