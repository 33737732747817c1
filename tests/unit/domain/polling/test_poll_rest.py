"""However often the level changes, no watch waits longer than allowed or costs more calls."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.polling.cadence import LEVELS
from couponbus.domain.polling.cohort import CohortSize
from couponbus.domain.polling.plan import expected_calls
from couponbus.domain.polling.schedule import Throttle
from tests.fakes.clock import NOON
from tests.thorough import thorough
from tests.unit.domain.polling.ticking import (
    DAY,
    HOUR,
    LONG_AGO,
    MINUTE,
    Place,
    Waiting,
    a_size,
    found,
    held_back,
    places,
)

REST = 86_400.0
LONGEST_TICK = 30 * MINUTE
ONE_WATCH: Place = (7, 2)

type Choice = Callable[[Throttle, datetime, datetime], Throttle]


def by_chance(chance: float, source: Random) -> Choice:
    """Change the level with this chance in each tick."""

    def choose(before: Throttle, since: datetime, until: datetime) -> Throttle:
        if source.random() >= chance:
            return before
        return replace(before, level=source.randrange(LEVELS + 1), since=until)

    return choose


def against_somebody(size: CohortSize, source: Random) -> Choice:
    """Change the level whenever ONE_WATCH would be due, to one at which it is not."""

    def choose(before: Throttle, since: datetime, until: datetime) -> Throttle:
        others = [
            replace(before, level=source.randrange(LEVELS + 1), since=until) for _ in range(4)
        ]
        for one in (before, *others):
            if ONE_WATCH not in places(size, found(size, since, until, throttle=one, rest=REST)):
                return one
        return before

    return choose


def longest_wait(size: CohortSize, choose: Choice, source: Random, *, days: int) -> Waiting:
    """Run ticks of random length for this many days."""
    waiting, throttle, now = Waiting(size), held_back(since=LONG_AGO), NOON
    while now < NOON + days * DAY:
        until = now + source.choice([1, 1, 2, 5, 30]) * MINUTE
        throttle = choose(throttle, now, until)
        waiting.tick(found(size, now, until, throttle=throttle, rest=REST), at=until)
        now = until
    waiting.stop(at=now)
    return waiting


@thorough(12, few=4)
@given(st.sampled_from([0.0, 0.003, 0.01, 0.03, 0.1, 1.0]), st.integers(0, 10**6))
def test_whatever_the_levels_no_watch_waits_longer_than_allowed(chance: float, seed: int) -> None:
    source = Random(seed)

    waiting = longest_wait(a_size(), by_chance(chance, source), source, days=8)

    assert waiting.longest <= timedelta(seconds=REST) + LONGEST_TICK


@thorough(6, few=2)
@given(st.integers(0, 10**6))
def test_not_even_a_watch_that_each_change_is_meant_to_keep_waiting(seed: int) -> None:
    source, size = Random(seed), a_size()

    waiting = longest_wait(size, against_somebody(size, source), source, days=8)

    assert waiting.longest <= timedelta(seconds=REST) + LONGEST_TICK


def test_who_is_held_back_for_good_waits_half_as_long_as_allowed() -> None:
    source = Random(1)

    def never(before: Throttle, since: datetime, until: datetime) -> Throttle:
        return replace(before, level=LEVELS)

    waiting = longest_wait(a_size(), never, source, days=8)

    assert HOUR < waiting.longest <= timedelta(seconds=REST / 2) + LONGEST_TICK


@pytest.mark.parametrize("level", [8, 32, 80])
@pytest.mark.parametrize("hours", [1, 5, 12])
def test_a_level_that_changes_all_the_time_costs_no_more_than_one_that_stays(
    level: int, hours: int
) -> None:
    size, now = a_size(watches=240, at=NOON + 5 * HOUR), NOON + DAY
    throttle, calls, expected = held_back(level), 0.0, 0.0

    for tick in range(8 * 24 * 12):
        if tick % (hours * 12) == 0:
            throttle = replace(throttle, level=2 * level + 1 - throttle.level, since=now)
        spans = found(size, now, now + 5 * MINUTE, throttle=throttle, rest=REST)
        now += 5 * MINUTE
        calls += sum(one.watches for one in spans)
        expected += 300 * expected_calls(
            size, at=now, level=throttle.level, max_interval_seconds=REST
        )

    assert calls == pytest.approx(expected, rel=0.08)
