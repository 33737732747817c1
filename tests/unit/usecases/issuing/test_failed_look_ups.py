"""A look-up that fails changes no outcome, but the rows that wait for it say so."""

from dataclasses import replace

import pytest

from couponbus.domain.errors import (
    CredentialsRefused,
    GatewayAnswered,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
)
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.look_up_results import failing_since
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.row import LOOK_UP_FAILED, Step
from tests.fakes.barcodes import Fate
from tests.unit.usecases.world import BRAND, PROGRAM, TIMING, World, message

CAREFUL = replace(PROGRAM, precheck_existing=True)
SETTLED = TIMING.settle + TIMING.skew


def in_doubt(*, count: int = 1) -> World:
    world = World()
    world.barcodes.will(Fate.LOST_AFTER)
    world.handle(*(message(n, signup_id=f"s-{n}") for n in range(1, count + 1)))
    return world


def trouble(kind: type[ProviderError], reason: str = "status_400") -> ProviderError:
    return kind(reason, provider="coniq", route="GET /barcode")


def test_a_look_up_that_fails_is_a_step_of_each_row_that_waits_for_it() -> None:
    world = in_doubt(count=2)
    world.barcodes.will_not_answer_questions(*[trouble(GatewayAnswered)] * 3)

    world.cycle(seconds=SETTLED)
    first = world.clock.now()
    once = [row.trail[-1] for row in world.issuances]
    world.cycle()
    world.cycle()

    assert once == [Step(first, LOOK_UP_FAILED, "status_400")] * 2
    thrice = f"status_400, 3 times, the last at {world.clock.now():%Y-%m-%d %H:%M:%S} UTC"
    assert [row.trail[-1] for row in world.issuances] == [Step(first, LOOK_UP_FAILED, thrice)] * 2
    assert [failing_since(row) for row in world.issuances] == [first] * 2
    world.cycle()
    assert world.states == [IssuanceState.ISSUED] * 2
    assert [failing_since(row) for row in world.issuances] == [None] * 2


def test_a_failed_look_up_costs_no_write_of_its_own() -> None:
    writes = []
    for failure in (trouble(GatewayAnswered), trouble(ProviderBusy)):
        world = in_doubt(count=3)
        world.barcodes.will_not_answer_questions(failure)
        before = world.ledger.writes
        world.cycle(seconds=SETTLED)
        writes.append(world.ledger.writes - before)

    assert writes[0] == writes[1]


def test_a_busy_provider_is_no_failed_look_up() -> None:
    world = in_doubt()
    world.barcodes.will_not_answer_questions(trouble(ProviderBusy))

    world.cycle(seconds=SETTLED)

    assert world.issuance.trail[-1].what == "unknown"


@pytest.mark.parametrize("kind", [ProviderUnavailable, CredentialsRefused])
def test_the_last_reason_is_kept_with_the_number_of_all_failures(kind: type[ProviderError]) -> None:
    world = in_doubt()
    world.barcodes.will_not_answer_questions(
        trouble(GatewayAnswered), trouble(kind, "another_reason")
    )
    world.cycle(seconds=SETTLED)
    before = len(world.issuance.trail)
    world.cycle()

    assert len(world.issuance.trail) == before
    assert world.issuance.trail[-1].detail.startswith("another_reason, 2 times, the last at ")


def test_a_later_failure_after_another_step_is_a_step_of_its_own() -> None:
    world = World()
    world.barcodes.will(Fate.LOST_BEFORE)
    world.handle(message())
    world.barcodes.will_not_answer_questions(trouble(GatewayAnswered))
    world.cycle(seconds=SETTLED)
    world.cycle()
    world.barcodes.will_not_answer_questions(trouble(GatewayAnswered))
    world.cycle(seconds=TIMING.between_look_ups)

    steps = [step.what for step in world.issuance.trail[-3:]]
    assert steps == [LOOK_UP_FAILED, "not found", LOOK_UP_FAILED]
    assert world.issuance.trail[-1].detail == "status_400"


def test_a_look_up_before_the_first_post_says_so_too() -> None:
    world = World(CAREFUL)
    world.barcodes.will_not_answer_questions(*[trouble(GatewayAnswered)] * 2)
    world.handle(message())
    world.cycle()

    assert said(world.issuance) == ["waiting", LOOK_UP_FAILED]
    assert world.issuance.trail[-1].detail.startswith("status_400, 2 times, the last at ")


def test_a_search_for_a_customer_says_so_too() -> None:
    world = World()
    world.barcodes.will_not_answer_questions(*[trouble(GatewayAnswered)] * 2)
    world.handle(message(None, email="someone@customer.example"))
    (once,) = world.resolutions
    world.cycle()
    (twice,) = world.resolutions

    assert said(once) == said(twice) == ["waiting", LOOK_UP_FAILED]
    assert (once.trail[-1].detail, failing_since(twice)) == ("status_400", once.trail[-1].at)
    assert twice.trail[-1].detail.startswith("status_400, 2 times")
    world.barcodes.knows(account=BRAND, email="someone@customer.example", customer_id=42)
    world.cycle()
    assert world.states == [IssuanceState.ISSUED]


def said(row: Issuance | Resolution) -> list[str]:
    return [step.what for step in row.trail]
