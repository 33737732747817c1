"""The demo's week of events, drawn from a seed."""

from collections import Counter
from itertools import pairwise

import pytest

from couponbus_sandbox.demo.calendar import DAY, HOUR, Calendar
from couponbus_sandbox.demo.load import make_load
from couponbus_sandbox.demo.plan import Act, make_plan
from couponbus_sandbox.demo.week import LEAST_STEP, LONGEST_STEP, steps

LOAD = make_load(sign_ups=1000, seed=1)
WEEK = Calendar(7)
CODES_EXPIRE = WEEK.code_days * DAY
PLAN = make_plan(LOAD, WEEK, seed=1)
USES = (Act.USE_CODE, Act.USE_OFFER, Act.USE_LAST_OFFER)


def uses_of_a_code(customer: int) -> int:
    return sum(
        one.times
        for one in PLAN
        if one.customer == customer and one.act in (Act.USE_CODE, Act.BEFORE)
    )


def test_everything_happens_in_the_order_of_time_and_within_the_week() -> None:
    times = [one.at for one in PLAN]

    assert times == sorted(times)
    assert max(times) < WEEK.end
    assert {one.act for one in PLAN if one.at < 0} == {Act.BEFORE}


def test_each_trap_is_there_once() -> None:
    acts = Counter(one.act for one in PLAN)
    several = [(one.act, one.times) for one in PLAN if one.times > 1]

    assert [acts[act] for act in (Act.CHANGE, Act.REMOVE, Act.VOID, Act.USE_LAST_OFFER)] == [1] * 4
    assert acts[Act.BEFORE] == 2
    assert sorted(several) == [(Act.USE_CODE, 2), (Act.USE_OFFER, 2)]


@pytest.mark.parametrize("act", [Act.CHANGE, Act.REMOVE, Act.VOID])
def test_what_is_taken_back_or_changed_was_redeemed_half_a_day_before(act: Act) -> None:
    [later] = [one for one in PLAN if one.act is act]
    [first] = [one for one in PLAN if one.customer == later.customer and one.act in USES]

    assert later.at - first.at > DAY / 2


def test_most_redemptions_are_early_and_some_are_near_the_end_of_their_code() -> None:
    uses = [one for one in PLAN if one.act in USES]
    late = [one for one in uses if CODES_EXPIRE - DAY < one.at < CODES_EXPIRE]

    assert sum(one.at < 2 * DAY for one in uses) > len(uses) * 0.6
    assert len(late) >= 4
    assert all(one.at < CODES_EXPIRE for one in uses if one.act is Act.USE_CODE)


def test_one_code_is_used_up_and_no_code_is_used_more_often_than_allowed() -> None:
    assert [uses_of_a_code(customer) for customer in LOAD.users].count(3) == 1
    assert max(uses_of_a_code(customer) for customer in LOAD.users) == 3


def test_the_same_seed_draws_the_same_and_another_seed_does_not() -> None:
    assert make_plan(LOAD, WEEK, seed=1) == PLAN
    assert make_plan(LOAD, WEEK, seed=2) != PLAN


@pytest.mark.parametrize("sign_ups", [1, 2, 5, 12])
def test_in_a_small_load_only_the_watched_have_a_part(sign_ups: int) -> None:
    load = make_load(sign_ups=sign_ups, seed=1)
    plan = make_plan(load, WEEK, seed=1)

    watched = load.users.keys() | load.consumers.keys()
    assert plan
    assert {one.customer for one in plan} <= watched


def test_the_clock_stands_still_often_at_first_and_always_at_the_end_of_the_week() -> None:
    ends = list(steps(WEEK))
    widths = [later - earlier for earlier, later in pairwise(ends)]

    assert ends[-1] == WEEK.end
    assert set(widths[:10]) == {LEAST_STEP}
    assert max(widths) == LONGEST_STEP == 2 * HOUR
    assert len(ends) < 150


@pytest.mark.parametrize("days", [1, 2, 14])
def test_with_another_duration_the_same_traps_are_there_before_the_last_polls(days: int) -> None:
    calendar = Calendar(days)
    plan = make_plan(LOAD, calendar, seed=1)

    acts = Counter(one.act for one in plan)
    codes = [one.at for one in plan if one.act is Act.USE_CODE]
    assert [acts[act] for act in (Act.CHANGE, Act.REMOVE, Act.VOID, Act.USE_LAST_OFFER)] == [1] * 4
    assert max(one.at for one in plan) <= calendar.end - HOUR
    assert max(codes) < calendar.code_days * DAY
