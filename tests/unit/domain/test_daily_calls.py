"""No day sees more calls than an account allows, whatever workers, clocks and breakers do."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.circuit_breaker import FAILURES_TO_OPEN, Breaker
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import (
    SHARE_OF_LIMIT,
    Limits,
    NoSlot,
    Obstacle,
    Pace,
    Reservation,
    observed,
    reserve,
    spent,
)

DAY = 86_400
MIDNIGHT = 20_600.0 * DAY
NOON = MIDNIGHT + DAY / 2
SECOND = 10.0
INTERVAL = 1 / (SECOND * SHARE_OF_LIMIT)


def asked(
    pace: Pace, *, now: float, calls: int = 1, a_day: int | None = None, within: float = 5.0
) -> tuple[Pace, Reservation] | NoSlot:
    limits = Limits(calls_per_second=SECOND, calls_per_day=a_day)
    return reserve(pace, account="brand", calls=calls, limits=limits, now=now, within=within)


def granted(
    pace: Pace, *, now: float, calls: int = 1, a_day: int | None = None, within: float = 1e9
) -> tuple[Pace, Reservation]:
    answer = asked(pace, now=now, calls=calls, a_day=a_day, within=within)
    assert not isinstance(answer, NoSlot)
    return answer


def slots(reservations: list[Reservation]) -> list[float]:
    return [each.slot(index) for each in reservations for index in range(each.calls)]


STEPS = st.lists(
    st.tuples(
        # Mostly forward, sometimes far forward, sometimes back.
        st.one_of(
            st.floats(0, 3),
            st.floats(0, 3),
            st.floats(DAY / 24, DAY * 1.5),
            st.floats(-DAY * 1.5, 0),
        ),
        st.integers(1, 60),
        st.sampled_from([0.0, 5.0, 900.0, 1e9]),
        st.sampled_from(list(Health)),
    ),
    max_size=60,
)


@given(
    steps=STEPS,
    a_day=st.integers(0, 120) | st.none(),
    a_second=st.sampled_from([0.4, 3.0, 10.0]),
    begins=st.floats(-30, 0) | st.floats(0, DAY),
)
def test_no_day_and_no_second_sees_more_calls_than_allowed(
    steps: list[tuple[float, int, float, Health]],
    a_day: int | None,
    a_second: float,
    begins: float,
) -> None:
    limits = Limits(calls_per_second=a_second, calls_per_day=a_day)
    pace, now, reservations = Pace(), MIDNIGHT + begins, list[Reservation]()
    for passed, calls, within, health in steps:
        now += passed
        answer = reserve(pace, account="brand", calls=calls, limits=limits, now=now, within=within)
        if isinstance(answer, NoSlot):
            continue
        pace, taken = answer
        reservations.append(taken)
        pace = observed(pace, reservation=taken, health=health, retry_after=None, now=now)

    times = slots(reservations)
    assert times == sorted(times)
    assert all(b - a > 0.99 / a_second for a, b in pairwise(times))
    busiest = max(Counter(int(at // DAY) for at in times).values(), default=0)
    assert a_day is None or busiest <= a_day
    assert all(each.calls >= 1 for each in reservations)
    assert all(len({int(at // DAY) for at in slots([each])}) == 1 for each in reservations)


@given(a_day=st.integers(1, 200), calls=st.integers(1, 50))
def test_all_calls_of_a_day_can_be_had(a_day: int, calls: int) -> None:
    pace, taken = Pace(), 0
    while not isinstance(
        answer := asked(pace, now=NOON, calls=calls, a_day=a_day, within=1e9), NoSlot
    ):
        pace, taken = answer[0], taken + answer[1].calls

    assert taken == a_day
    assert answer.until == MIDNIGHT + DAY


def test_a_lease_takes_at_most_what_the_day_has_left() -> None:
    pace, first = granted(Pace(), now=NOON, calls=8, a_day=10)
    _, second = granted(pace, now=NOON, calls=8, a_day=10)

    assert (first.calls, second.calls) == (8, 2)


def test_after_midnight_the_count_begins_again() -> None:
    pace, _ = granted(Pace(), now=NOON, calls=10, a_day=10)

    assert asked(pace, now=MIDNIGHT + DAY - 1, a_day=10, within=0) == NoSlot(
        until=MIDNIGHT + DAY, why=Obstacle.DAY
    )
    _, next_day = granted(pace, now=MIDNIGHT + DAY, calls=8, a_day=10, within=0)
    assert next_day.calls == 8


def test_slots_after_midnight_are_those_of_the_next_day() -> None:
    eve = MIDNIGHT - 2.5 * INTERVAL

    pace, before = granted(Pace(), now=eve, calls=20, a_day=3)
    _, after = granted(pace, now=eve, calls=20, a_day=3)

    assert before.calls == 3
    assert before.slot(2) < MIDNIGHT <= after.slot(0)
    assert after.calls == 3


def test_a_clock_that_jumps_back_a_day_gives_no_calls_away() -> None:
    pace, _ = granted(Pace(), now=NOON, calls=10, a_day=10)

    answer = asked(pace, now=NOON - DAY, a_day=10, within=1e9)

    assert answer == NoSlot(until=MIDNIGHT + DAY, why=Obstacle.DAY)


def test_an_account_of_no_calls_is_never_asked() -> None:
    assert asked(Pace(), now=NOON, a_day=0) == NoSlot(until=MIDNIGHT + DAY, why=Obstacle.DAY)


def test_a_day_without_a_limit_is_counted_too() -> None:
    pace, _ = granted(Pace(), now=NOON, calls=7)
    pace, _ = granted(pace, now=NOON + 60, calls=5)

    assert spent(pace, now=NOON + 90) == 12


def test_what_was_spent_is_forgotten_at_midnight() -> None:
    pace, _ = granted(Pace(), now=NOON, calls=7)

    assert spent(pace, now=MIDNIGHT + DAY - 0.001) == 7
    assert spent(pace, now=MIDNIGHT + DAY) == 0
    assert spent(Pace(), now=NOON) == 0


def test_slots_of_tomorrow_are_among_what_was_spent() -> None:
    pace = replace(Pace(), paused_until=MIDNIGHT + DAY + 1)

    pace, _ = granted(pace, now=MIDNIGHT + DAY - 1, calls=4)

    assert spent(pace, now=MIDNIGHT + DAY - 1) == 4


@pytest.mark.parametrize("health", [Health.FAILING, Health.THROTTLED, Health.GOOD])
def test_no_answer_gives_a_call_back(health: Health) -> None:
    pace = Pace()
    for _ in range(FAILURES_TO_OPEN):
        pace, taken = granted(pace, now=NOON, a_day=100)
        pace = observed(pace, reservation=taken, health=health, retry_after=None, now=NOON)

    assert spent(pace, now=NOON) == FAILURES_TO_OPEN


def test_a_probe_costs_a_call_as_any_other() -> None:
    pace = Pace(gets=Breaker(openings=1, closed_until=NOON), day=int(NOON // DAY), calls=9)

    pace, probe = granted(pace, now=NOON, calls=5, a_day=10)

    assert probe.calls == 1
    assert isinstance(asked(pace, now=NOON + 60, a_day=10), NoSlot)
