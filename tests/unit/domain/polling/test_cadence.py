"""A cadence counts due polls: never backwards, never in leaps, at the rate of the poll policy."""

import math
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from couponbus.domain.polling.cadence import (
    AFTER_END,
    BEFORE_END,
    END_FLOOR,
    END_SHARE,
    END_WIDTH,
    END_WORTH,
    LEVELS,
    LEVELS_PER_HALF,
    Cadence,
    above_rest,
    around_end,
    by_age,
    is_poll_due,
    policy_rate,
    resting,
)
from couponbus.domain.polling.poll_policy import DAY, PollPolicy
from tests.unit.domain.polling.ticking import LADDERS

HOUR = 3600.0
LEVEL = st.integers(0, LEVELS)
REST = st.sampled_from([HOUR, 12 * HOUR, float(DAY), 20.0 * DAY])
UNRESTED = 1e12  # no watch is polled for the maximum interval only
AGE = st.floats(0, 90.0 * DAY)
FAR = 9  # halvings, which lower even the polls of the youngest


def any_cadence(poll_policy: PollPolicy, level: int, rest: float) -> list[Cadence]:
    return [
        by_age(poll_policy, level=level, max_interval_seconds=rest),
        above_rest(poll_policy, level=level, max_interval_seconds=rest),
        resting(poll_policy, max_interval_seconds=rest),
        around_end(level=level),
    ]


@given(LADDERS, LEVEL, REST, st.lists(AGE, min_size=2).map(sorted))
def test_due_counts_only_grow_and_never_leap(
    poll_policy: PollPolicy, level: int, rest: float, ages: list[float]
) -> None:
    for cadence in any_cadence(poll_policy, level, rest):
        quickest = max(cadence.rates)
        for one, other in pairwise(ages):
            grown = cadence.polls_at(other) - cadence.polls_at(one)
            assert -1e-9 <= grown <= (other - one) * quickest * (1 + 1e-9) + 1e-9


@given(LADDERS, LEVEL, REST)
def test_from_node_to_node_there_is_no_leap(
    poll_policy: PollPolicy, level: int, rest: float
) -> None:
    for cadence in any_cadence(poll_policy, level, rest):
        for node in cadence.nodes[1:]:
            just_before = math.nextafter(node, 0)
            assert cadence.polls_at(node) == pytest.approx(cadence.polls_at(just_before), abs=1e-6)


def test_before_its_beginning_and_behind_its_horizon_no_poll_is_due() -> None:
    poll_policy = PollPolicy()
    for cadence in any_cadence(poll_policy, 0, 12 * HOUR):
        assert cadence.polls_at(-1.0) == cadence.polls_at(0.0) == 0
        assert cadence.rate(-1.0) == 0
        end = cadence.nodes[-1]
        assert cadence.polls_at(end * 2) == cadence.polls_at(end)
        assert cadence.rate(end) == 0


@given(LADDERS, st.floats(0, HOUR) | st.floats(0, 10.0 * DAY, exclude_max=True))
@example(PollPolicy(share_permille=1000, floor_seconds=60), 62.0)
@example(PollPolicy(share_permille=1000, floor_seconds=60), 118.0)
def test_unthrottled_the_rate_is_that_of_the_poll_policy(
    poll_policy: PollPolicy, age: float
) -> None:
    cadence = by_age(poll_policy, level=0, max_interval_seconds=UNRESTED)

    step = min(
        max(age * poll_policy.share_permille / 1000, poll_policy.floor_seconds),
        poll_policy.cap_seconds,
    )

    assert policy_rate(poll_policy, age) == pytest.approx(1 / step)
    assert cadence.rate(age) == pytest.approx(1 / step, rel=0.03)


def test_in_thirty_days_the_default_has_about_as_many_due_polls_as_it_was_chosen_for() -> None:
    cadence = by_age(PollPolicy(), level=0, max_interval_seconds=UNRESTED)

    # docs/performance.md#polling-schedule
    assert cadence.polls_at(30 * DAY) == pytest.approx(112, rel=0.03)


@given(LADDERS, st.integers(0, LEVELS - 1), AGE)
def test_each_level_lowers_the_rate_or_leaves_it(
    poll_policy: PollPolicy, level: int, age: float
) -> None:
    here = by_age(poll_policy, level=level, max_interval_seconds=UNRESTED).rate(age)
    above = by_age(poll_policy, level=level + 1, max_interval_seconds=UNRESTED).rate(age)

    assert above <= here
    assert around_end(level=level + 1).rate(age) <= around_end(level=level).rate(age)


def test_what_is_lowered_falls_by_age_and_halves_level_by_level() -> None:
    cadence = by_age(PollPolicy(), level=FAR * LEVELS_PER_HALF, max_interval_seconds=UNRESTED)

    rates = [cadence.rate(days * DAY) for days in (1, 13, 25)]

    assert rates[0] / rates[1] == pytest.approx(2, rel=0.05)
    assert rates[1] / rates[2] == pytest.approx(2, rel=0.05)
    lower = by_age(PollPolicy(), level=(FAR + 1) * LEVELS_PER_HALF, max_interval_seconds=UNRESTED)
    assert cadence.rate(HOUR) / lower.rate(HOUR) == pytest.approx(2)


def test_a_poll_policy_of_equal_steps_is_lowered_alike_at_each_age() -> None:
    even = PollPolicy(share_permille=1000, floor_seconds=12 * 3600, cap_seconds=12 * 3600)

    cadence = by_age(even, level=(FAR + 2) * LEVELS_PER_HALF, max_interval_seconds=UNRESTED)

    assert cadence.rate(60.0 * DAY) == pytest.approx(cadence.rate(HOUR))
    assert cadence.rate(HOUR) < policy_rate(even, HOUR) / 2


@given(LADDERS, LEVEL, REST, st.floats(0, 1))
def test_whatever_the_level_no_watch_rests_longer_than_allowed(
    poll_policy: PollPolicy, level: int, rest: float, share: float
) -> None:
    since = share * max(poll_policy.horizon_seconds - rest, 0.0)

    for cadence in (
        by_age(poll_policy, level=level, max_interval_seconds=rest),
        resting(poll_policy, max_interval_seconds=rest),
    ):
        if since + rest <= poll_policy.horizon_seconds:
            assert cadence.polls_at(since + rest) - cadence.polls_at(since) >= 1 - 1e-9


@given(LADDERS, LEVEL, REST, AGE)
def test_resting_and_what_is_above_it_are_the_whole(
    poll_policy: PollPolicy, level: int, rest: float, age: float
) -> None:
    whole = by_age(poll_policy, level=level, max_interval_seconds=rest).polls_at(age)
    above = above_rest(poll_policy, level=level, max_interval_seconds=rest).polls_at(age)

    assert above + resting(poll_policy, max_interval_seconds=rest).polls_at(age) == pytest.approx(
        whole
    )


def test_around_the_end_due_polls_are_dense_and_far_from_it_there_are_none() -> None:
    cadence = around_end(level=0)
    gaps = {before: 1 / cadence.rate(BEFORE_END - before) for before in (0.0, HOUR, 10 * HOUR)}

    assert gaps[0.0] == END_FLOOR
    assert gaps[HOUR] == pytest.approx(HOUR * END_SHARE, rel=0.15)
    assert gaps[10 * HOUR] == pytest.approx(10 * HOUR * END_SHARE, rel=0.05)
    assert 1 / cadence.rate(BEFORE_END + HOUR) == pytest.approx(HOUR * END_SHARE, rel=0.15)
    assert cadence.rate(BEFORE_END + AFTER_END) == 0
    assert 10 < cadence.polls_at(BEFORE_END + AFTER_END) < 14


def test_around_the_end_a_poll_is_worth_more_than_at_any_age() -> None:
    level = (FAR + 2) * LEVELS_PER_HALF
    end = around_end(level=level)
    youngest = by_age(PollPolicy(), level=level, max_interval_seconds=UNRESTED).rate(HOUR)

    assert end.rate(BEFORE_END) == pytest.approx(END_WORTH * youngest, rel=0.01)
    assert end.rate(BEFORE_END - END_WIDTH / 2) == end.rate(BEFORE_END)
    assert end.rate(BEFORE_END - 4 * END_WIDTH) == pytest.approx(end.rate(BEFORE_END) / 4, rel=0.02)


@given(
    st.floats(0, 1, exclude_max=True),
    st.lists(st.floats(0, 50), min_size=1).map(lambda counts: sorted([0.0, *counts])),
)
def test_a_phase_has_a_due_poll_each_time_that_it_passes_a_whole_number(
    phase: float, counts: list[float]
) -> None:
    turns = [is_poll_due(one, other, phase=phase) for one, other in pairwise(counts)]

    passed = {math.floor(count + phase) for count in counts} - {math.floor(phase)}
    assert sum(turns) == len(passed)
