"""Look-ups whose answers stay unusable back off, end, and do not hold up the others."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.errors import ContractBroken, SeveralCustomers
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.issuing.lookup import FilterIgnored
from couponbus.domain.issuing.resolution import ResolutionState
from couponbus.events.barcodes import BarcodeRefused
from couponbus.usecases.invocation import Metric
from tests import factories
from tests.fakes.barcodes import Fate
from tests.unit.usecases.issuing.restored_world import SETTLED, restore, throttled
from tests.unit.usecases.world import BRAND, OFFER_ID, PROGRAM, TIMING, World, message

EMAIL = "someone@customer.example"
HOUR = 3600.0
PATIENCE = timedelta(seconds=TIMING.resolve_for)


def unusable(reason: str = "unreadable_answer") -> ContractBroken:
    return ContractBroken(reason, provider="coniq", route="GET /customer")


def asked(world: World, *, hours: float, step: float = 60.0) -> int:
    """Run ticks for some hours and return the number of look-ups."""
    reports = [world.cycle(seconds=step) for _ in range(int(hours * HOUR / step))]
    return sum(report.metrics[Metric.LOOKUPS] for report in reports)


def test_an_e_mail_of_several_customers_ends_at_once() -> None:
    world = World()
    several = SeveralCustomers("several_customers", provider="coniq", route="GET /customer")
    world.barcodes.cannot_say(EMAIL, several)

    report = world.handle(message(None, email=EMAIL))
    world.publish()

    assert report.failed == []
    assert (report.metrics[Metric.REFUSED], report.metrics[Metric.CONTRACT_BROKEN]) == (1, 0)
    (event,) = [one for one in world.bus.events if isinstance(one, BarcodeRefused)]
    assert (event.data.reason, event.data.issuance_id) == ("several_customers", None)
    assert EMAIL not in repr(world.ledger.rows)
    assert asked(world, hours=1) == 0


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("unreadable_answer", "lookups_unreadable"),
        ("filter_ignored", "lookups_unreadable"),
        ("several_customers", "several_customers"),
    ],
)
def test_an_e_mail_whose_answers_stay_unusable_ends_after_some_time(
    answer: str, reason: str
) -> None:
    world = World()
    world.barcodes.cannot_say(EMAIL, unusable(answer))
    world.handle(message(None, email=EMAIL))
    end = world.clock.now() + PATIENCE

    while world.clock.now() < end - timedelta(seconds=2 * TIMING.backoff_cap):
        world.cycle(seconds=TIMING.backoff_cap)
    (before,) = world.resolutions
    for _ in range(4):
        world.cycle(seconds=TIMING.backoff_cap)
    world.publish()

    (row,) = world.resolutions
    assert before.state is ResolutionState.WAITING
    assert (row.state, row.reason, row.email) == (ResolutionState.REFUSED, reason, None)
    assert world.published_types == ["BarcodeRefused"]


def test_where_so_many_wait_that_each_is_asked_about_after_hours_it_ends_all_the_same() -> None:
    world = World()
    world.barcodes.cannot_say(EMAIL, unusable())
    world.handle(message(None, email=EMAIL))

    for _ in range(16):
        world.cycle(seconds=5 * HOUR)

    (row,) = world.resolutions
    assert (row.state, row.reason) == (ResolutionState.REFUSED, "lookups_unreadable")


def test_a_usable_answer_in_between_starts_the_patience_anew() -> None:
    world = World()
    world.barcodes.cannot_say(EMAIL, unusable())
    world.handle(message(None, email=EMAIL))
    world.cycle(seconds=HOUR)

    world.barcodes.can_say_again(EMAIL)
    world.cycle(seconds=HOUR)

    (row,) = world.resolutions
    assert (row.state, row.unproven_since, row.tries) == (ResolutionState.WAITING, None, 1)


def test_many_such_questions_take_a_small_share_of_the_pace_and_hold_up_no_other() -> None:
    world = World()
    emails = [f"broken-{n}@customer.example" for n in range(180)]
    for number, email in enumerate(emails):
        world.barcodes.cannot_say(email, unusable())
        world.handle(message(None, signup_id=f"b-{number}", email=email))
    asked(world, hours=1, step=300)

    share = asked(world, hours=1, step=TIMING.backoff_cap) / HOUR
    world.barcodes.knows(account=BRAND, email=EMAIL, customer_id=42)
    world.handle(message(None, email=EMAIL))

    assert share <= 0.25  # calls a second, where an account may have three
    assert world.states == [IssuanceState.ISSUED]


def test_one_such_question_stops_no_other_of_its_batch() -> None:
    world = World()
    world.barcodes.cannot_say("broken@customer.example", unusable())
    world.barcodes.knows(account=BRAND, email=EMAIL, customer_id=42)

    world.handle(
        message(None, signup_id="s-1", email="broken@customer.example"),
        message(None, signup_id="s-2", email=EMAIL),
    )

    assert world.states == [IssuanceState.ISSUED]


def test_a_look_up_before_the_first_post_that_stays_unusable_is_left_to_an_operator() -> None:
    world = World(replace(PROGRAM, precheck_existing=True))
    world.barcodes.will_not_answer_questions(*[unusable("unreadable_items")] * 500)
    world.handle(message())

    lookups = asked(world, hours=1)
    for _ in range(int(PATIENCE.total_seconds() / TIMING.backoff_cap) + 2):
        world.cycle(seconds=TIMING.backoff_cap)
    world.publish()

    assert lookups <= 12
    assert (world.issuance.state, world.issuance.reason) == (
        IssuanceState.AMBIGUOUS,
        "unreadable_items",
    )
    assert world.published_types == ["BarcodeAmbiguous"]
    assert world.barcodes.posts == []


def test_a_barcode_that_shows_among_others_is_taken_over() -> None:
    world = World(replace(PROGRAM, precheck_existing=True))
    request = replace(factories.any_request(), customer_id=42, offer_id=OFFER_ID)
    ignored = FilterIgnored("filter_ignored", provider="coniq", route="GET /barcode")
    ignored.barcodes = [replace(factories.any_barcode(of=request), expires_on=None)]
    world.barcodes.will_not_answer_questions(ignored)

    world.handle(message())

    assert (world.issuance.state, world.barcodes.posts) == (IssuanceState.ISSUED, [])


def test_a_look_up_after_a_restore_that_stays_unusable_is_left_to_an_operator() -> None:
    world = World()
    restore(world, throttled(world, customers=range(1, 2)))
    world.clock.pass_time(SETTLED)
    posts = len(world.barcodes.posts)
    world.barcodes.will_not_answer_questions(*[unusable("unreadable_items")] * 500)

    lookups = asked(world, hours=1)
    for _ in range(int(PATIENCE.total_seconds() / TIMING.backoff_cap) + 2):
        world.cycle(seconds=TIMING.backoff_cap)

    assert 0 < lookups <= 12
    assert (world.issuance.state, world.issuance.reason) == (
        IssuanceState.AMBIGUOUS,
        "unreadable_items",
    )
    assert len(world.barcodes.posts) == posts


def test_days_in_which_no_question_was_asked_are_no_evidence_against_an_e_mail() -> None:
    world = World()
    world.barcodes.cannot_say(EMAIL, unusable())
    world.handle(message(None, email=EMAIL))

    world.cycle(seconds=PATIENCE.total_seconds() + HOUR)

    (row,) = world.resolutions
    assert (row.state, row.unproven_since) == (ResolutionState.WAITING, world.clock.now())


def test_days_in_which_no_look_up_was_made_are_no_evidence_about_an_attempt() -> None:
    world = World()
    world.barcodes.will(Fate.LOST_BEFORE)
    world.handle(message())
    world.barcodes.will_not_answer_questions(*[unusable("unreadable_items")] * 500)
    world.cycle(seconds=HOUR)
    first = world.issuance.unproven_since

    world.cycle(seconds=PATIENCE.total_seconds() + HOUR)

    assert first is not None
    assert world.issuance.state is IssuanceState.REQUESTED
    assert world.issuance.unproven_since == world.clock.now()
