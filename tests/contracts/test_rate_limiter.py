"""The shared rate limiter keeps its promises in memory and on DynamoDB alike."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from couponbus.domain.circuit_breaker import FAILURES_TO_OPEN, RECOVERY, Purpose
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import DAY, NoSlot, Obstacle, Outlook, Reservation
from couponbus.ports.shared import RateLimiter
from tests.contracts.paces import A_DAY, INTERVAL, KINDS, a_budget, fail, leased
from tests.fakes.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=KINDS)
def limiter(request: pytest.FixtureRequest, clock: ManualClock) -> Iterator[RateLimiter]:
    with a_budget(request.param, clock) as limiter:
        yield limiter


def test_the_first_call_may_be_sent_at_once(limiter: RateLimiter, clock: ManualClock) -> None:
    reservation = leased(limiter, calls=3)

    assert (reservation.account, reservation.calls, reservation.troubled) == ("brand", 3, False)
    assert reservation.slot(0) == clock.now().timestamp()
    assert reservation.slot(2) == pytest.approx(clock.now().timestamp() + 2 * INTERVAL)


def test_leases_follow_one_another_without_a_gap_or_an_overlap(limiter: RateLimiter) -> None:
    reservations = [leased(limiter, calls=2) for _ in range(5)]

    slots = [reservation.slot(index) for reservation in reservations for index in range(2)]
    assert [b - a for a, b in pairwise(slots)] == pytest.approx([INTERVAL] * 9, abs=1e-5)


def test_a_worker_that_would_wait_too_long_takes_nothing(
    limiter: RateLimiter, clock: ManualClock
) -> None:
    leased(limiter, calls=10)
    free_at = clock.now().timestamp() + 10 * INTERVAL

    busy = limiter.reserve(account="brand", calls=1, within=0.5)

    assert isinstance(busy, NoSlot)
    assert busy.until == pytest.approx(free_at - 0.5, abs=1e-5)
    assert leased(limiter).starts_at == pytest.approx(free_at, abs=1e-5)


def test_a_refusal_names_what_is_in_the_way(limiter: RateLimiter, clock: ManualClock) -> None:
    leased(limiter, calls=30)
    taken = limiter.reserve(account="brand", calls=1, within=0.5)
    limiter.report(
        reservation=leased(limiter, purpose=Purpose.POST),
        health=Health.THROTTLED,
        retry_after=100.0,
    )
    asked = limiter.reserve(account="brand", calls=1, within=60.0)
    clock.pass_time(100.0)
    fail(limiter, times=FAILURES_TO_OPEN)
    limiter.report(
        reservation=leased(limiter, purpose=Purpose.POST),
        health=Health.THROTTLED,
        retry_after=100.0,
    )
    both = limiter.reserve(account="brand", calls=1, within=RECOVERY - 1)
    limiter.reserve(account="capped", calls=A_DAY, within=60.0)
    spent = limiter.reserve(account="capped", calls=1, within=60.0)

    refused = [one.why for one in (taken, asked, both, spent) if isinstance(one, NoSlot)]
    assert refused == [Obstacle.SLOTS, Obstacle.ASKED, Obstacle.BREAKER, Obstacle.DAY]


def test_only_a_lease_through_an_open_breaker_is_a_probe(
    limiter: RateLimiter, clock: ManualClock
) -> None:
    fail(limiter, times=FAILURES_TO_OPEN - 1)
    troubled = leased(limiter)
    fail(limiter, times=1)
    clock.pass_time(RECOVERY)

    probe, other = leased(limiter, within=0), leased(limiter, purpose=Purpose.POST)
    waits = limiter.reserve(account="brand", calls=1, within=RECOVERY - 1)

    assert [one.is_probe for one in (troubled, probe, other)] == [False, True, False]
    assert isinstance(waits, NoSlot)
    assert waits.why is Obstacle.BREAKER


def test_while_answers_are_reported_none_is_missing(limiter: RateLimiter) -> None:
    fail(limiter, times=FAILURES_TO_OPEN)

    assert limiter.take_unreported() == 0


def test_accounts_have_paces_of_their_own(limiter: RateLimiter, clock: ManualClock) -> None:
    leased(limiter, calls=50)

    other = limiter.reserve(account="slow", calls=1, within=0)

    assert isinstance(other, Reservation)
    assert other.interval == pytest.approx(1 / 0.97)


def test_what_the_provider_asks_for_holds_for_all_workers(
    limiter: RateLimiter, clock: ManualClock
) -> None:
    limiter.report(reservation=leased(limiter), health=Health.THROTTLED, retry_after=42.0)

    busy = limiter.reserve(account="brand", calls=1, within=41.0)
    clock.pass_time(42.0)

    assert isinstance(busy, NoSlot)
    assert leased(limiter, within=0.0).starts_at == clock.now().timestamp()


def test_a_streak_of_failures_closes_the_account(limiter: RateLimiter, clock: ManualClock) -> None:
    fail(limiter, times=FAILURES_TO_OPEN)

    busy = limiter.reserve(account="brand", calls=1, within=RECOVERY - 1)

    assert isinstance(busy, NoSlot)
    assert busy.until == pytest.approx(clock.now().timestamp() + 1, abs=1e-5)


def test_after_the_pause_one_probe_is_let_through_and_its_success_lets_all_go_on(
    limiter: RateLimiter, clock: ManualClock
) -> None:
    fail(limiter, times=FAILURES_TO_OPEN, health=Health.UNAUTHORISED)
    clock.pass_time(RECOVERY)

    probe = leased(limiter, calls=5, within=0)
    others = limiter.reserve(account="brand", calls=1, within=RECOVERY - 1)
    limiter.report(reservation=probe, health=Health.GOOD, retry_after=None)

    assert (probe.calls, probe.troubled) == (1, True)
    assert isinstance(others, NoSlot)
    assert leased(limiter, calls=5, within=1.0).calls == 5


def test_a_success_after_some_failures_is_forgotten_about(limiter: RateLimiter) -> None:
    fail(limiter, times=FAILURES_TO_OPEN - 1)
    limiter.report(reservation=leased(limiter), health=Health.GOOD, retry_after=None)
    fail(limiter, times=FAILURES_TO_OPEN - 1)

    assert isinstance(limiter.reserve(account="brand", calls=1, within=5.0), Reservation)


def test_a_day_gives_as_many_calls_as_it_has(limiter: RateLimiter, clock: ManualClock) -> None:
    reservations = [limiter.reserve(account="capped", calls=8, within=60.0) for _ in range(4)]

    given = [each.calls if isinstance(each, Reservation) else 0 for each in reservations]
    midnight = (clock.now().timestamp() // DAY + 1) * DAY
    assert given == [8, 8, 4, 0]
    assert reservations[-1] == NoSlot(until=midnight, why=Obstacle.DAY)
    assert limiter.spent("capped") == A_DAY


def test_the_next_day_begins_at_midnight(limiter: RateLimiter, clock: ManualClock) -> None:
    limiter.reserve(account="capped", calls=A_DAY, within=60.0)
    clock.pass_time(DAY - clock.now().timestamp() % DAY)

    spent = limiter.spent("capped")
    next_day = limiter.reserve(account="capped", calls=8, within=0.0)

    assert spent == 0
    assert isinstance(next_day, Reservation)
    assert next_day.calls == 8
    assert limiter.spent("capped") == 8


def test_calls_that_must_be_left_are_there_for_others(
    limiter: RateLimiter, clock: ManualClock
) -> None:
    kept = A_DAY // 4
    first = limiter.reserve(account="capped", calls=A_DAY, within=60.0, leaving=kept)
    refused = limiter.reserve(account="capped", calls=1, within=60.0, leaving=kept)
    others = limiter.reserve(account="capped", calls=A_DAY, within=60.0)

    given = [one.calls for one in (first, others) if isinstance(one, Reservation)]
    assert given == [A_DAY - kept, kept]
    assert refused == NoSlot(until=(clock.now().timestamp() // DAY + 1) * DAY, why=Obstacle.DAY)
    assert limiter.spent("capped") == A_DAY


def test_an_account_without_a_daily_limit_leaves_nothing(limiter: RateLimiter) -> None:
    taken = limiter.reserve(account="brand", calls=5, within=1.0, leaving=100)

    assert isinstance(taken, Reservation)
    assert taken.calls == 5


def test_a_clock_that_jumps_back_finds_no_second_day(
    limiter: RateLimiter, clock: ManualClock
) -> None:
    limiter.reserve(account="capped", calls=A_DAY, within=60.0)
    clock.pass_time(-2 * DAY)

    assert isinstance(limiter.reserve(account="capped", calls=1, within=3 * DAY), NoSlot)
    assert limiter.spent("capped") == A_DAY


def test_calls_are_counted_without_a_limit_and_for_each_account(limiter: RateLimiter) -> None:
    leased(limiter, calls=5)
    leased(limiter, calls=7)

    assert limiter.spent("brand") == 12
    assert limiter.spent("slow") == 0


def test_what_an_answer_says_changes_nothing_of_what_was_spent(limiter: RateLimiter) -> None:
    fail(limiter, times=FAILURES_TO_OPEN)

    assert limiter.spent("brand") == FAILURES_TO_OPEN


def test_the_outlook_is_that_of_the_purpose(limiter: RateLimiter, clock: ManualClock) -> None:
    for _ in range(FAILURES_TO_OPEN):
        limiter.report(
            reservation=leased(limiter, purpose=Purpose.POST),
            health=Health.FAILING,
            retry_after=None,
        )

    closed = limiter.outlook("brand", purpose=Purpose.POST)
    open_ = limiter.outlook("brand", purpose=Purpose.GET)

    assert closed.troubled
    assert closed.opens_at == pytest.approx(clock.now().timestamp() + RECOVERY)
    assert open_ == Outlook(opens_at=0.0, troubled=False)


def test_an_outlook_takes_no_slot(limiter: RateLimiter) -> None:
    before = limiter.outlook("brand", purpose=Purpose.GET)
    limiter.outlook("brand", purpose=Purpose.POST)

    assert before == Outlook(opens_at=0.0, troubled=False)
    assert limiter.spent("brand") == 0


def test_what_the_provider_asks_for_shows_in_the_outlook_of_both(
    limiter: RateLimiter, clock: ManualClock
) -> None:
    limiter.report(reservation=leased(limiter), health=Health.THROTTLED, retry_after=42.0)

    outlooks = [limiter.outlook("brand", purpose=one) for one in Purpose]

    assert [one.opens_at for one in outlooks] == [clock.now().timestamp() + 42.0] * 2


def test_each_purpose_has_a_breaker_of_its_own(limiter: RateLimiter) -> None:
    for _ in range(FAILURES_TO_OPEN):
        limiter.report(
            reservation=leased(limiter, purpose=Purpose.POST),
            health=Health.FAILING,
            retry_after=None,
        )

    question = limiter.reserve(account="brand", calls=3, within=1.0)
    post = limiter.reserve(account="brand", calls=1, within=1.0, purpose=Purpose.POST)

    assert isinstance(question, Reservation)
    assert (question.calls, question.troubled) == (3, False)
    assert isinstance(post, NoSlot)
