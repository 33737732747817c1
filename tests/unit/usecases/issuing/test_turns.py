"""Everybody waits for a turn, and nobody waits longer than the invocation can afford."""

from datetime import UTC, datetime

from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import NoSlot, Pace, Reservation
from couponbus.usecases.issuing.turns import CALLS_PER_RESERVATION, Turns, moment
from tests.fakes.barcodes import Fate
from tests.fakes.clock import ManualClock
from tests.fakes.rate_limiter import MemoryRateLimiter
from tests.unit.usecases.world import BRAND, TIMING, World, message


def at_pace(calls_per_second: float) -> tuple[Turns, MemoryRateLimiter, ManualClock]:
    clock = ManualClock()
    limiter = MemoryRateLimiter(clock=clock, calls_per_second={BRAND: calls_per_second})
    turns = Turns(limiter=limiter, clock=clock, accounts=[BRAND], timing=TIMING)
    return turns, limiter, clock


def test_turns_come_at_the_pace_of_the_account() -> None:
    turns, _, clock = at_pace(2.0)
    start = clock.now()

    reservations = list(turns.one_by_one(BRAND, wanted=13))

    assert len(reservations) == 13
    assert all(isinstance(reservation, Reservation) for reservation in reservations)
    assert 12 / 2.0 <= (clock.now() - start).total_seconds() < 12 / 2.0 * 1.05


def test_slots_are_leased_a_few_at_a_time() -> None:
    turns, limiter, _ = at_pace(100.0)

    list(turns.one_by_one(BRAND, wanted=2 * CALLS_PER_RESERVATION + 1))

    assert limiter.paces[BRAND].revision == 3


def test_no_turn_is_wanted_and_none_is_taken() -> None:
    turns, limiter, _ = at_pace(2.0)

    assert list(turns.one_by_one(BRAND, wanted=0)) == []
    assert limiter.paces == {}


def test_whoever_meets_a_busy_account_stops_asking() -> None:
    turns, limiter, clock = at_pace(2.0)
    limiter.paces[BRAND] = Pace(paused_until=clock.now().timestamp() + TIMING.slot_wait + 1)

    (only,) = turns.one_by_one(BRAND, wanted=9)

    assert isinstance(only, NoSlot)
    assert clock.slept == []


def test_an_account_that_nobody_configured_is_never_asked() -> None:
    turns, limiter, clock = at_pace(2.0)

    found = turns.take("unknown", calls=1, purpose=Purpose.POST)

    assert found == NoSlot(until=clock.now().timestamp() + TIMING.backoff_cap)
    assert limiter.paces == {}


def test_how_a_call_went_is_passed_on() -> None:
    turns, limiter, _ = at_pace(2.0)
    reservation = turns.take(BRAND, calls=1, purpose=Purpose.POST)
    assert isinstance(reservation, Reservation)

    turns.report(reservation, health=Health.THROTTLED, retry_after=9.0)

    assert limiter.reports == [(BRAND, Health.THROTTLED, 9.0)]


def test_seconds_become_a_moment_in_utc() -> None:
    assert moment(1.5) == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)


def test_a_provider_that_keeps_failing_is_left_alone_and_then_probed() -> None:
    world = World()
    world.barcodes.will(*[Fate.LOST_BEFORE] * 5)
    for number in range(1, 7):
        world.handle(message(number, signup_id=f"s-{number}"))

    open_breaker = len(world.barcodes.posts)
    for _ in range(30):
        world.cycle()

    assert open_breaker == 5
    assert {one.state.value for one in world.issuances} == {"ISSUED"}
    assert len(world.barcodes.made) == 6
