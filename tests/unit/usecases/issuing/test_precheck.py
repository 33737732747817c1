"""Where a sign-up form may have issued already, a look-up precedes the POST."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.errors import ContractBroken, ProviderError, ProviderUnavailable
from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest, Channel
from couponbus.domain.issuing.issuance import IssuanceState, Origin
from couponbus.domain.polling.watch import Watch
from couponbus.domain.rate_limit import Pace
from couponbus.usecases.invocation import Metric
from tests import factories
from tests.fakes.barcodes import Fate
from tests.unit.usecases.polling.polling_world import UNIQODO
from tests.unit.usecases.world import (
    BRAND,
    OFFER_ID,
    PROGRAM,
    TIMING,
    World,
    assert_waits_unwritten,
    message,
)

CAREFUL = replace(PROGRAM, precheck_existing=True)
WATCHED = replace(CAREFUL, watches=(UNIQODO,))


def of_the_form(world: World, *, days_old: int = 1, expires_in: int | None = None) -> Barcode:
    """Put a barcode of customer 42 at the provider that couponbus did not request."""
    request = BarcodeRequest(
        customer_id=42,
        offer_id=OFFER_ID,
        channel=Channel.MAIL,
        tracking_code="of the form",
    )
    today = world.clock.now().date()
    barcode = replace(
        factories.any_barcode(of=request),
        created_at=world.clock.now() - timedelta(days=days_old),
        expires_on=None if expires_in is None else today + timedelta(days=expires_in),
    )
    world.barcodes.has(account=BRAND, barcode=barcode)
    return barcode


def test_a_barcode_that_is_there_is_taken_over() -> None:
    world = World(CAREFUL)
    theirs = of_the_form(world)

    report = world.handle(message())
    world.publish()

    assert report.failed == []
    assert report.metrics[Metric.ADOPTED] == 1
    assert (world.issuance.barcode, world.issuance.origin) == (theirs, Origin.EXISTING)
    assert world.barcodes.posts == []
    assert world.published_types == ["BarcodeIssued"]


def test_without_one_it_is_asked_for() -> None:
    world = World(CAREFUL)

    report = world.handle(message())

    assert report.metrics[Metric.LOOKUPS] == report.metrics[Metric.CALLS] == 1
    assert (world.issuance.state, world.issuance.origin) == (IssuanceState.ISSUED, Origin.ISSUED)


def test_an_expired_one_is_no_barcode() -> None:
    world = World(CAREFUL)
    of_the_form(world, expires_in=-1)

    world.handle(message())

    assert world.issuance.origin is Origin.ISSUED


def test_of_several_the_oldest_that_is_valid_is_taken_over() -> None:
    world = World(CAREFUL)
    of_the_form(world, days_old=9, expires_in=-1)
    of_the_form(world, days_old=1)
    oldest = of_the_form(world, days_old=5, expires_in=0)

    world.handle(message())

    assert world.issuance.barcode == oldest


def test_a_program_without_a_precheck_looks_nothing_up() -> None:
    world = World()
    of_the_form(world)

    report = world.handle(message())

    assert report.metrics[Metric.LOOKUPS] == 0
    assert world.issuance.origin is Origin.ISSUED


@pytest.mark.parametrize(
    ("kind", "pause"),
    [(ProviderUnavailable, TIMING.backoff), (ContractBroken, TIMING.between_look_ups)],
)
def test_without_an_answer_nothing_is_asked_for(kind: type[ProviderError], pause: float) -> None:
    world = World(CAREFUL)
    world.barcodes.will_not_answer_questions(
        kind("status_500", provider="coniq", route="GET /barcode")
    )

    report = world.handle(message())

    assert report.failed == []
    assert report.metrics[Metric.POSTPONED] == 1
    assert world.barcodes.posts == []
    assert (world.issuance.state, world.issuance.ready_at) == (
        IssuanceState.PENDING,
        world.in_seconds(pause),
    )
    theirs = of_the_form(world)
    world.cycle()
    assert world.issuance.barcode == theirs


def test_a_look_up_without_an_answer_is_due_again_in_the_next_tick() -> None:
    world = World(CAREFUL)
    trouble = ProviderUnavailable("status_500", provider="coniq", route="GET /barcode")
    world.barcodes.will_not_answer_questions(trouble, trouble)
    world.handle(message())
    world.cycle()
    assert world.states == [IssuanceState.PENDING]

    world.cycle()

    assert world.states == [IssuanceState.ISSUED]


def test_while_the_provider_is_busy_it_waits_in_the_ledger() -> None:
    world = World(CAREFUL)
    world.limiter.paces[BRAND] = Pace(paused_until=world.in_seconds(100).timestamp())

    report = world.handle(message())

    assert (report.failed, report.metrics[Metric.LOOKUPS]) == ([], 0)
    assert world.states == [IssuanceState.PENDING]
    world.cycle(seconds=120)
    assert world.states == [IssuanceState.ISSUED]


def test_after_an_attempt_of_our_own_the_look_up_of_the_attempt_is_enough() -> None:
    world = World(CAREFUL)
    world.barcodes.will(Fate.THROTTLED)
    world.handle(message())

    report = world.cycle()

    assert report.metrics[Metric.LOOKUPS] == 0
    assert (world.issuance.state, world.issuance.attempt) == (IssuanceState.ISSUED, 2)


def test_one_that_is_taken_over_but_cannot_be_stored_comes_again() -> None:
    world = World(CAREFUL)
    of_the_form(world)
    world.ledger.will_fail("write", times=3)

    report = world.handle(message())

    assert report.failed == ["m-signup-1"]
    assert report.metrics[Metric.ADOPTED] == 0


def test_only_the_programs_that_want_it_look() -> None:
    plain = replace(PROGRAM, name="plain", offer_id=8)
    world = World(CAREFUL, plain)
    of_the_form(world)

    report = world.handle(message())

    assert report.metrics[Metric.ADOPTED] == report.metrics[Metric.ISSUED] == 1
    assert {one.program: one.origin for one in world.issuances} == {
        CAREFUL.name: Origin.EXISTING,
        "plain": Origin.ISSUED,
    }


def test_what_was_looked_up_is_requested_before_the_invocation_ends() -> None:
    world = World(CAREFUL, calls_per_second=3.0)
    many = [message(1000 + each, signup_id=f"signup-{each}") for each in range(200)]

    report = world.handle(*many)

    assert report.failed == []
    assert report.metrics[Metric.CALLS] == 1
    assert report.metrics[Metric.ISSUED] == report.metrics[Metric.LOOKUPS] > 0
    assert report.metrics[Metric.POSTPONED] == 200 - report.metrics[Metric.ISSUED]


def test_that_it_waits_for_a_look_up_is_written_once() -> None:
    world = World(CAREFUL)
    world.limiter.paces[BRAND] = Pace(paused_until=world.in_seconds(100).timestamp())
    world.handle(message())

    assert_waits_unwritten(world)


def test_one_under_our_own_reference_was_made_by_a_forgotten_attempt() -> None:
    world = World(CAREFUL)
    world.handle(message())
    world.ledger.rows.clear()

    world.handle(message())

    assert (world.issuance.state, world.issuance.origin) == (
        IssuanceState.ISSUED,
        Origin.RECONCILED,
    )
    assert len(world.barcodes.made) == 1


def watches_of(world: World) -> list[Watch]:
    return [row for row in world.ledger.rows.values() if isinstance(row, Watch)]


def test_a_customer_who_has_one_already_is_watched_before_it_is_recorded() -> None:
    world = World(WATCHED)
    of_the_form(world)

    report = world.handle(message(uniqodo_user_id="user-1"))

    assert (report.failed, world.issuance.origin) == ([], Origin.EXISTING)
    assert [watch.user_id for watch in watches_of(world)] == ["user-1"]


def test_one_that_is_taken_over_but_whose_customer_cannot_be_watched_comes_again() -> None:
    elsewhere, world = World(WATCHED), World(WATCHED)
    elsewhere.handle(message(uniqodo_user_id="user-1"))
    (watch,) = watches_of(elsewhere)
    world.ledger.unfit.add(watch.key)
    of_the_form(world)

    report = world.handle(message(uniqodo_user_id="user-1", message_id="m-1"))

    assert report.failed == ["m-1"]
    assert report.broken == {watch.key}
    assert world.issuances == []


def test_a_sign_up_that_waits_is_watched_when_another_one_finds_its_barcode() -> None:
    world = World(WATCHED)
    world.limiter.paces[BRAND] = Pace(paused_until=world.in_seconds(100).timestamp())
    world.handle(message(uniqodo_user_id="user-1"))
    of_the_form(world)
    world.clock.pass_time(200)

    report = world.handle(message(signup_id="later"))

    assert (report.failed, world.issuance.origin) == ([], Origin.EXISTING)
    assert world.issuance.signup_id == "signup-1"
    assert [watch.user_id for watch in watches_of(world)] == ["user-1"]
