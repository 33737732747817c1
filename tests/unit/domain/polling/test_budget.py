"""An account is throttled as much as necessary: at once, no longer, and truthfully."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.polling.budget import (
    SHARE_FOR_DUE_POLLS,
    PollAccount,
    allowed_rate,
)
from couponbus.domain.polling.cadence import LEVELS
from couponbus.domain.polling.cohort import CohortSize
from couponbus.domain.polling.plan import expected_calls
from couponbus.domain.polling.throttle import HEADROOM, MIN_DWELL, Demand, throttled
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON
from tests.fakes.cohorts import grouped
from tests.thorough import amount
from tests.unit.domain.polling.ticking import (
    DAY,
    HOUR,
    LONG_AGO,
    MINUTE,
    REST,
    a_size,
    found,
    held_back,
)

SECONDS = 86_400.0
ACCOUNT = PollAccount(
    provider=Provider.UNIQODO,
    name="brand",
    calls_per_second=10.0,
    calls_per_day=None,
    max_interval_seconds=REST,
)
CROWD = [a_size(at=NOON - hours * HOUR, watches=500) for hours in range(24 * 60)]


def due_at(level: int, sizes: Sequence[CohortSize] = CROWD) -> float:
    return sum(
        expected_calls(one, at=NOON, level=level, max_interval_seconds=REST) for one in sizes
    )


def allowing(calls_per_second: float) -> PollAccount:
    """Return an account whose due polls may use this many calls per second."""
    return replace(ACCOUNT, calls_per_second=calls_per_second / SHARE_FOR_DUE_POLLS)


def demand(
    account: PollAccount,
    *,
    level: int = 0,
    since: datetime = LONG_AGO,
    sizes: Sequence[CohortSize] = CROWD,
) -> Demand:
    return throttled(account, grouped(sizes), now=NOON, spent=0, level=level, since=since)


def test_without_a_daily_limit_the_pace_decides() -> None:
    assert allowed_rate(ACCOUNT, spent=10**9, now=NOON) == 10.0 * SHARE_FOR_DUE_POLLS


@given(st.integers(0, 86_399), st.integers(0, 300_000), st.integers(1, 200_000))
def test_what_is_left_of_the_day_is_enough_until_midnight(
    second: int, spent: int, calls_per_day: int
) -> None:
    account = replace(ACCOUNT, calls_per_day=calls_per_day)
    now = NOON.replace(hour=0) + timedelta(seconds=second)

    rate = allowed_rate(account, spent=spent, now=now)

    assert rate * (SECONDS - second) <= max(calls_per_day - spent, 0)
    assert 0 <= rate <= 10.0 * SHARE_FOR_DUE_POLLS
    assert (rate == 0) == (spent >= calls_per_day - account.reserved)


def test_at_midnight_a_new_day_begins() -> None:
    account = replace(ACCOUNT, calls_per_day=86_400)
    midnight = NOON.replace(hour=0) + DAY

    assert allowed_rate(account, spent=86_400, now=midnight - MINUTE) == 0
    assert allowed_rate(account, spent=0, now=midnight) == SHARE_FOR_DUE_POLLS


@pytest.mark.parametrize(
    ("calls_per_day", "reserved"),
    [(None, 0), (0, 0), (1, 0), (2, 1), (19, 1), (30, 3), (1000, 100)],
)
def test_a_tenth_of_the_day_is_kept_for_first_polls_of_sign_ups(
    calls_per_day: int | None, reserved: int
) -> None:
    account = replace(ACCOUNT, calls_per_day=calls_per_day)

    assert account.reserved == reserved
    if calls_per_day is not None:
        assert account.planned_rate() * SECONDS <= calls_per_day - reserved


@pytest.mark.parametrize("calls_per_day", [1000, 20_000])
def test_the_budget_carries_as_many_watches_as_keep_their_rest(calls_per_day: int) -> None:
    account = replace(ACCOUNT, calls_per_day=calls_per_day)

    def rest_is_kept(watches: int) -> bool:
        old = [a_size(at=NOON - (20 + days) * DAY, watches=watches // 10) for days in range(10)]
        midnight = NOON.replace(hour=0)
        return throttled(
            account, grouped(old), now=midnight, spent=0, level=0, since=LONG_AGO
        ).rest_is_kept

    assert rest_is_kept(account.carries)
    assert not rest_is_kept(int(account.carries * 1.05))
    assert account.first_polls_take(calls_per_day - account.reserved) == DAY


def test_without_a_daily_limit_the_pace_carries_them() -> None:
    assert ACCOUNT.carries == int(10.0 * SHARE_FOR_DUE_POLLS * REST / 2)
    assert ACCOUNT.first_polls_take(600) == MINUTE
    assert replace(ACCOUNT, calls_per_day=0).first_polls_take(1) == timedelta.max


def test_who_has_enough_is_not_held_back() -> None:
    found = demand(allowing(due_at(0) * 1.2))

    assert not found.is_throttled
    assert found.rest_is_kept
    assert found.due == found.wanted == pytest.approx(due_at(0))


@pytest.mark.parametrize("share", [0.9, 0.6, 0.4])
def test_who_has_too_little_is_held_back_at_once_as_little_as_must_be(share: float) -> None:
    allowed = due_at(0) * share

    now = demand(allowing(allowed), since=NOON)

    assert now.is_throttled
    assert now.rest_is_kept
    assert now.due <= allowed < due_at(now.level - 1)
    assert now.wanted == pytest.approx(due_at(0))


def test_a_lower_level_waits_until_the_present_one_has_settled() -> None:
    plenty = allowing(due_at(0) * 2)

    early = demand(plenty, level=36, since=NOON - MIN_DWELL + MINUTE)
    later = demand(plenty, level=36, since=NOON - MIN_DWELL)

    assert early.level == 36
    assert demand(plenty, level=LEVELS, since=NOON).rest_is_kept
    assert early.due == pytest.approx(due_at(36))
    assert later.level == 0


def test_a_lower_level_that_would_just_do_is_not_taken() -> None:
    assert due_at(30) > due_at(31)
    barely, easily = allowing(due_at(30) * 1.0001), allowing(due_at(30) / HEADROOM * 1.0001)

    assert demand(barely, level=31).level == 31
    assert demand(easily, level=31).level == 30
    assert demand(barely, level=0).level == 30


@given(st.floats(0, 30), st.integers(0, LEVELS), st.booleans(), st.integers(0, 1440))
def test_no_more_is_due_than_allowed_unless_it_says_so(
    allowed: float, level: int, settled: bool, hours: int
) -> None:
    sizes = CROWD[:hours]
    since = LONG_AGO if settled else NOON - MINUTE

    now = demand(allowing(allowed), level=level, since=since, sizes=sizes)

    assert now.rest_is_kept == (now.due <= now.allowed)
    assert now.rest_is_kept == (due_at(LEVELS, sizes) <= now.allowed)
    assert now.level >= level or settled
    if not now.rest_is_kept:
        assert now.level == LEVELS


def population(days: int) -> Iterator[CohortSize]:
    for quarter in range(4 * (60 + days)):
        yield a_size(at=NOON + days * DAY - quarter * 6 * HOUR, watches=360)


@pytest.mark.thorough
def test_over_some_days_the_budget_is_used_and_kept_and_the_level_stays_calm() -> None:
    limiter, days, step = 190_000, amount(3, few=2), 15 * MINUTE
    account = replace(ACCOUNT, calls_per_second=100.0, calls_per_day=limiter)
    sizes = list(population(days))
    throttle, levels = held_back(since=NOON), set[int]()
    calls = [0.0] * (days + 1)

    for tick in range(days * 96):
        now = NOON + tick * step
        day = (now - NOON.replace(hour=0)).days
        asked = throttled(
            account,
            grouped(sizes),
            now=now,
            spent=int(calls[day]),
            level=throttle.level,
            since=throttle.since,
        )
        if asked.level != throttle.level:
            throttle = held_back(asked.level, since=now)
        levels.add(asked.level)
        calls[day] += sum(
            one.watches for size in sizes for one in found(size, now, now + step, throttle=throttle)
        )

    assert all(limiter * 0.7 < whole <= limiter for whole in calls[1:-1])
    assert asked.wanted * SECONDS > limiter * 1.1
    assert max(levels) - min(levels) <= 4
