"""Why there was no slot: the trail says it, an open breaker is counted, and so is a lost answer."""

from dataclasses import replace

import pytest

from couponbus.domain.circuit_breaker import FAILURES_TO_OPEN, RECOVERY, Breaker
from couponbus.domain.errors import ProviderUnavailable
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.rate_limit import Obstacle, Pace
from couponbus.usecases.invocation import Metric
from tests import factories
from tests.fakes.barcodes import Fate
from tests.unit.usecases.world import BRAND, World, continued, message

ALWAYS = 10**4
FAR = 2e9  # in seconds since the epoch


def test_an_open_breaker_is_counted_at_each_lease_that_it_refuses_or_probes() -> None:
    world = World()
    closed = Breaker(failures=9, openings=1, closed_until=world.in_seconds(RECOVERY).timestamp())
    world.limiter.paces[BRAND] = Pace(posts=closed)

    refused = world.handle(message())
    world.clock.pass_time(RECOVERY)
    probed = world.handle(continued(world.issuance))
    well = world.handle(message(2, signup_id="s-2"))

    assert world.states == [IssuanceState.ISSUED] * 2
    counted = [each.metrics.get(Metric.BREAKER_OPEN, 0) for each in (refused, probed, well)]
    assert counted == [1, 1, 0]


def test_a_breaker_of_look_ups_is_counted_too() -> None:
    world = World()
    world.barcodes.will(Fate.LOST_AFTER)
    world.handle(message())
    world.clock.pass_time(3_600)
    world.limiter.paces[BRAND] = Pace(
        gets=Breaker(failures=9, openings=1, closed_until=world.in_seconds(60).timestamp())
    )

    result = world.handle(continued(world.issuance))

    assert result.metrics[Metric.BREAKER_OPEN] == 1


def test_an_outage_of_minutes_is_counted_in_each_of_them() -> None:
    world = World()
    gone = ProviderUnavailable("status_503", provider="coniq", route="GET /barcode")
    world.barcodes.will(*[Fate.LOST_BEFORE] * ALWAYS)
    world.barcodes.will_not_answer_questions(*[gone] * ALWAYS)
    world.handle(*(message(n, signup_id=f"s-{n}") for n in range(1, FAILURES_TO_OPEN + 4)))
    for _ in range(15):
        world.cycle()

    counted = [world.cycle().metrics.get(Metric.BREAKER_OPEN, 0) for _ in range(10)]

    assert min(counted) >= 1


@pytest.mark.parametrize(
    ("pace", "why"),
    [
        (Pace(posts=Breaker(openings=1, closed_until=FAR)), Obstacle.BREAKER),
        (Pace(paused_until=FAR), Obstacle.ASKED),
        (Pace(next_slot=FAR), Obstacle.SLOTS),
    ],
)
def test_the_trail_says_why_a_barcode_was_put_off(pace: Pace, why: Obstacle) -> None:
    world = World()
    world.limiter.paces[BRAND] = pace

    world.handle(message())

    assert world.issuance.trail[-1].detail == why


def test_the_trail_says_that_an_account_is_not_configured() -> None:
    world = World(accounts=[replace(factories.any_account(), name="other")])

    world.handle(message())

    assert world.issuance.trail[-1].detail == Obstacle.ACCOUNT


def test_an_answer_that_the_other_workers_do_not_learn_of_is_counted_once() -> None:
    world = World()
    world.barcodes.will(Fate.LOST_BEFORE)
    world.limiter.deaf = True

    result = world.handle(message())
    world.limiter.deaf = False
    next_one = world.handle(message(2, signup_id="s-2"))

    assert result.metrics[Metric.UNREPORTED_ANSWERS] == 1
    assert Metric.UNREPORTED_ANSWERS not in next_one.metrics
