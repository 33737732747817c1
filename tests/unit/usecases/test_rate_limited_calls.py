"""Each call waits for its slot, and never longer than the invocation can afford."""

from datetime import UTC, datetime, timedelta

from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.errors import ProviderBusy
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import NoSlot, Obstacle, Pace
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.rate_limited_calls import (
    CALLS_PER_RESERVATION,
    RateLimitedCalls,
    moment,
)
from tests.fakes.barcodes import Fate
from tests.fakes.clock import ManualClock
from tests.fakes.rate_limiter import MemoryRateLimiter
from tests.unit.usecases.world import BRAND, TIMING, World, message


def at_pace(calls_per_second: float) -> tuple[RateLimitedCalls, MemoryRateLimiter, ManualClock]:
    clock = ManualClock()
    limiter = MemoryRateLimiter(clock=clock, calls_per_second={BRAND: calls_per_second})
    calls = RateLimitedCalls(limiter=limiter, clock=clock, accounts=[BRAND], timing=TIMING)
    return calls, limiter, clock


def asked(calls: RateLimitedCalls, *, times: int, account: str = BRAND) -> list[int]:
    """Return the numbers of the calls that were answered."""
    run = Invocation(deadline=calls.clock.now() + timedelta(hours=1))
    answers = calls.call_each(account, range(times), lambda number, _: number, run=run)
    return [number for number, _ in answers]


def test_calls_come_at_the_pace_of_the_account() -> None:
    calls, _, clock = at_pace(2.0)
    start = clock.now()

    assert asked(calls, times=13) == list(range(13))

    assert 12 / 2.0 <= (clock.now() - start).total_seconds() < 12 / 2.0 * 1.05


def test_slots_are_reserved_a_few_at_a_time() -> None:
    calls, limiter, _ = at_pace(100.0)

    asked(calls, times=2 * CALLS_PER_RESERVATION + 1)

    assert limiter.paces[BRAND].revision == 3


def test_no_slot_is_wanted_and_none_is_taken() -> None:
    calls, limiter, _ = at_pace(2.0)

    assert asked(calls, times=0) == []
    assert limiter.paces == {}


def test_a_worker_that_meets_a_busy_account_stops_asking() -> None:
    calls, limiter, clock = at_pace(2.0)
    limiter.paces[BRAND] = Pace(paused_until=clock.now().timestamp() + TIMING.slot_wait + 1)

    assert asked(calls, times=9) == []

    assert clock.slept == []


def test_an_account_that_is_not_configured_is_never_asked() -> None:
    calls, limiter, clock = at_pace(2.0)

    found = calls.reserve("unknown", calls=1, purpose=Purpose.POST)

    assert found == NoSlot(until=clock.now().timestamp() + TIMING.backoff_cap, why=Obstacle.ACCOUNT)
    assert asked(calls, times=1, account="unknown") == []
    assert limiter.paces == {}


def test_how_a_call_went_is_passed_on() -> None:
    calls, limiter, clock = at_pace(2.0)
    run = Invocation(deadline=clock.now() + timedelta(hours=1))

    def throttled(number: int, until: datetime) -> int:
        busy = ProviderBusy("slow_down", provider="coniq", route="GET /barcode")
        busy.retry_after = 9.0
        raise busy

    assert list(calls.call_each(BRAND, [1, 2], throttled, run=run)) == []
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
