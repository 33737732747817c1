"""An account is braked for all workers, by what any of them finds, until an operator resumes it."""

import math
from collections.abc import Iterator
from functools import partial

import pytest

from couponbus.domain.brake import Brake, Cause, Finding
from couponbus.domain.braking import braked, resumed
from couponbus.domain.circuit_breaker import FAILURES_TO_OPEN, Purpose
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import NoSlot, Obstacle, Outlook, Reservation
from couponbus.ports.shared import RateLimiter
from tests.contracts.paces import KINDS, Paces, a_budget, fail, leased
from tests.fakes.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=KINDS)
def limiter(request: pytest.FixtureRequest, clock: ManualClock) -> Iterator[Paces]:
    with a_budget(request.param, clock) as limiter:
        yield limiter


def posted(limiter: RateLimiter, *, items: int, finding: Finding) -> bool:
    reservation = limiter.reserve(
        account="brand", calls=1, within=3600.0, purpose=Purpose.POST, items=items
    )
    assert isinstance(reservation, Reservation)
    return limiter.note(reservation=reservation, finding=finding)


def is_braked(limiter: RateLimiter) -> bool:
    taken = limiter.reserve(account="brand", calls=1, within=3600.0, purpose=Purpose.POST, items=1)
    return isinstance(taken, NoSlot) and taken.why is Obstacle.BRAKE


FINE = Finding(understood=True)
NOT_UNDERSTOOD = Finding(anomalies=1, understood=False)


def test_too_many_refusals_brake_posts_and_leave_questions_alone(limiter: RateLimiter) -> None:
    first = posted(limiter, items=10, finding=Finding(refused=3))
    second = posted(limiter, items=10, finding=Finding(refused=5, anomalies=2))
    enough = posted(limiter, items=0, finding=Finding(refused=1))

    assert (first, second, enough) == (False, False, True)
    assert is_braked(limiter)
    assert leased(limiter).calls == 1
    assert limiter.outlook("brand", purpose=Purpose.POST) == Outlook(
        opens_at=math.inf, troubled=True, braked=True
    )
    assert not limiter.outlook("brand", purpose=Purpose.GET).braked


def test_items_are_counted_with_the_slots_that_they_travel_in(limiter: RateLimiter) -> None:
    for _ in range(5):
        posted(limiter, items=10, finding=FINE)

    assert not posted(limiter, items=10, finding=Finding(refused=30))
    assert posted(limiter, items=0, finding=Finding(refused=1))


def test_who_finds_out_whether_all_is_well_again_posts_one_item(limiter: RateLimiter) -> None:
    reservation = leased(limiter, purpose=Purpose.POST)
    limiter.report(reservation=reservation, health=Health.FAILING, retry_after=None)

    assert posted(limiter, items=200, finding=Finding(refused=4))


@pytest.mark.parametrize("between", [FINE, Finding()])
def test_an_answer_that_is_understood_ends_the_row_of_those_that_are_not(
    limiter: RateLimiter, between: Finding
) -> None:
    found = [
        posted(limiter, items=100, finding=one) for one in (NOT_UNDERSTOOD, between, NOT_UNDERSTOOD)
    ]

    assert found == [False, False, between is not FINE]


def test_an_account_is_braked_once_and_others_go_on(limiter: RateLimiter) -> None:
    reservations = [
        limiter.reserve(account="brand", calls=1, within=60.0, purpose=Purpose.POST, items=4)
        for _ in range(3)
    ]

    reports = [
        limiter.note(reservation=reservation, finding=NOT_UNDERSTOOD)
        for reservation in reservations
        if isinstance(reservation, Reservation)
    ]
    other = limiter.reserve(account="slow", calls=1, within=60.0, purpose=Purpose.POST, items=1)

    assert reports == [False, True, False]
    assert isinstance(other, Reservation)


def test_a_resumed_account_sends_one_item_first(limiter: Paces, clock: ManualClock) -> None:
    posted(limiter, items=4, finding=Finding(refused=4))
    now = clock.now().timestamp()

    held = limiter.pace("brand").brake
    after = limiter.change("brand", partial(resumed, now=now))
    probe = leased(limiter, purpose=Purpose.POST)
    another = limiter.reserve(account="brand", calls=1, within=5.0, purpose=Purpose.POST)
    limiter.report(reservation=probe, health=Health.GOOD, retry_after=None)

    assert (held.cause, held.posted, held.refused, held.held_at) == (Cause.SHARE, 4, 4, now)
    assert after.brake.cause is None
    assert probe.troubled
    assert isinstance(another, NoSlot)
    assert not leased(limiter, purpose=Purpose.POST).troubled


def test_what_was_found_is_forgotten_when_an_account_is_resumed(limiter: Paces) -> None:
    posted(limiter, items=4, finding=NOT_UNDERSTOOD)
    limiter.change("brand", partial(braked, remark="a sale", now=0.0))
    stored = limiter.pace("brand").brake
    limiter.change("brand", partial(resumed, now=1.0))

    assert (stored.cause, stored.remark, stored.not_understood) == (Cause.OPERATOR, "a sale", 1)
    assert limiter.pace("brand").brake == Brake(counted_from=1.0)
    assert not posted(limiter, items=4, finding=NOT_UNDERSTOOD)


def test_since_when_calls_fail_and_how_is_kept(limiter: Paces, clock: ManualClock) -> None:
    began = clock.now().timestamp()
    fail(limiter, times=1, health=Health.THROTTLED)
    clock.pass_time(60)
    fail(limiter, times=FAILURES_TO_OPEN, health=Health.UNAUTHORISED)

    failing = limiter.pace("brand").gets
    clock.pass_time(60)
    limiter.report(reservation=leased(limiter), health=Health.GOOD, retry_after=None)
    healed = limiter.pace("brand").gets

    assert (failing.failing_since, failing.health) == (began, Health.UNAUTHORISED)
    assert (healed.failing_since, healed.health, healed.failures) == (0.0, Health.GOOD, 0)
