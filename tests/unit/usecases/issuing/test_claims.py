"""One row per customer and offer, for any number of sign-ups and workers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.issuing.barcode import Channel
from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from couponbus.usecases.invocation import Metric
from tests.factories import any_barcode
from tests.unit.usecases.world import BRAND, PROGRAM, World, message

STRICT = replace(PROGRAM, required_consents=("marketing",))


def posted(world: World) -> int:
    return sum(len(post.requests) for post in world.barcodes.posts)


def owed(world: World) -> Issuance:
    """Return the issuance of one sign-up, not stored."""
    elsewhere = World(*world.programs.active().readable)
    elsewhere.handle(message(consents=["marketing"]), within=30)
    return replace(elsewhere.issuance, revision=0, ready_at=None)


def test_the_same_message_twice_in_a_batch_is_one_barcode() -> None:
    world = World()

    report = world.handle(message(), message(), message(signup_id="again"))

    assert report.failed == []
    assert report.metrics[Metric.DUPLICATES] == 2
    assert posted(world) == 1
    assert world.issuance.signup_id == "signup-1"


@pytest.mark.parametrize("signup_id", ["signup-1", "signup-2"])
def test_a_customer_who_has_a_barcode_gets_no_other(signup_id: str) -> None:
    world = World()
    world.handle(message())
    before = world.issuance

    report = world.handle(message(signup_id=signup_id))

    assert report.failed == []
    assert report.metrics[Metric.DUPLICATES] == 1
    assert (posted(world), world.issuance) == (1, before)


def test_two_programs_of_one_offer_are_one_barcode() -> None:
    world = World(PROGRAM, replace(PROGRAM, name="other", channel=Channel.SMS))

    report = world.handle(message())

    assert posted(world) == 1
    assert report.metrics[Metric.CONFLICTING] == 1


def test_another_channel_of_a_barcode_that_is_there_is_counted() -> None:
    world = World()
    world.handle(message())
    world.programs.put(replace(PROGRAM, channel=Channel.SMS))

    report = world.handle(message())

    assert report.metrics[Metric.CONFLICTING] == report.metrics[Metric.DUPLICATES] == 1
    assert world.issuance.channel is PROGRAM.channel


def test_a_sign_up_joins_one_that_waits_and_may_go_on() -> None:
    world = World()
    world.store(owed(world))

    report = world.handle(message())

    assert report.failed == []
    assert world.states == [IssuanceState.ISSUED]
    assert posted(world) == 1


def test_a_sign_up_does_not_hurry_one_that_must_wait() -> None:
    world = World()
    world.store(replace(owed(world), ready_at=world.in_seconds(1)))
    before = world.issuance

    report = world.handle(message(signup_id="impatient"))

    assert report.failed == []
    assert (posted(world), world.issuance) == (0, before)


def test_a_sign_up_leaves_an_attempt_that_is_under_way_alone() -> None:
    world = World()
    now = world.clock.now()
    claimed = owed(world).claimed(
        claim_id="theirs", now=now, deadline=now, ready_at=now - timedelta(days=1)
    )
    world.store(claimed)
    before = world.issuance

    report = world.handle(message())

    assert report.failed == []
    assert (posted(world), world.issuance) == (0, before)


def test_a_worker_that_is_overtaken_before_the_claim_sends_nothing() -> None:
    world = World()
    now = world.clock.now()
    theirs = owed(world).claimed(claim_id="theirs", now=now, deadline=now, ready_at=now)
    world.ledger.will_be_overtaken(lambda: world.store(theirs))

    report = world.handle(message(), message(43, signup_id="other"))

    assert report.failed == []
    assert posted(world) == 1
    (mine,) = (one for one in world.issuances if one.claim_id != "theirs")
    assert mine.state is IssuanceState.ISSUED


def test_a_worker_that_is_overtaken_while_joining_sends_nothing() -> None:
    world = World()
    now = world.clock.now()
    world.store(owed(world))

    def overtake() -> None:
        theirs = world.issuance.claimed(claim_id="theirs", now=now, deadline=now, ready_at=now)
        world.ledger.rows[theirs.key] = theirs.written("theirs")

    world.ledger.will_be_overtaken(overtake, after=1)

    report = world.handle(message())

    assert report.failed == []
    assert (posted(world), world.issuance.claim_id) == (0, "theirs")


def test_a_worker_that_is_overtaken_after_taking_up_a_row_sends_nothing() -> None:
    world = World()
    world.store(replace(owed(world), due_at=world.clock.now()))

    def overtake() -> None:
        row = world.issuance
        world.ledger.rows[row.key] = row.handed_over(until=world.in_seconds(9)).written("theirs")

    world.sweep()
    world.ledger.will_be_overtaken(overtake)
    report = world.deliver()

    assert report.failed == []
    assert posted(world) == 0
    assert world.states == [IssuanceState.PENDING]
    world.cycle(seconds=9)
    assert world.states == [IssuanceState.ISSUED]


def test_a_row_that_is_gone_is_not_sent() -> None:
    world = World()
    world.store(replace(owed(world), due_at=world.clock.now()))
    world.sweep()
    world.ledger.will_be_overtaken(world.ledger.rows.clear)

    report = world.deliver()

    assert report.failed == []
    assert (posted(world), world.issuances) == (0, [])


def test_a_joining_claim_that_the_ledger_does_not_confirm_is_lost_to_this_round() -> None:
    world = World()
    world.store(owed(world))
    world.ledger.will_fail("write", times=3, after=1)

    report = world.handle(message())

    assert report.failed == ["m-signup-1"]
    assert posted(world) == 0


def test_a_customer_who_comes_back_with_what_was_missing_gets_a_barcode() -> None:
    world = World(STRICT)
    world.handle(message())
    world.publish()

    report = world.handle(message(signup_id="signup-2", consents=["marketing"]))
    world.publish()

    assert report.failed == []
    assert (world.issuance.state, world.issuance.signup_id) == (IssuanceState.ISSUED, "signup-2")
    assert world.published_types == ["BarcodeRefused", "BarcodeIssued"]
    assert [event.metadata.sequence for event in world.bus.events] == [1, 2]


def test_a_customer_who_comes_back_before_the_refusal_was_published_comes_again() -> None:
    world = World(STRICT)
    world.handle(message())

    early = world.handle(message(signup_id="signup-2", consents=["marketing"]))
    world.publish()
    later = world.handle(message(signup_id="signup-2", consents=["marketing"]))

    assert early.failed == ["m-signup-2"]
    assert later.failed == []
    assert world.states == [IssuanceState.ISSUED]


def test_the_same_sign_up_again_does_not_reopen_its_own_refusal() -> None:
    world = World(STRICT)
    world.handle(message())
    world.publish()
    world.programs.put(PROGRAM)

    report = world.handle(message())

    assert report.failed == []
    assert world.states == [IssuanceState.REJECTED]


def refused_by_the_provider() -> World:
    world = World()
    world.barcodes.refused_items = {owed(world).tracking_code: "customer_blocked"}
    world.handle(message())
    for _ in range(3):
        world.cycle()
    assert world.issuance.reason == "customer_blocked"
    world.publish()
    return world


def test_one_that_the_provider_refused_is_looked_up_for_a_later_sign_up_and_asked_for_again() -> (
    None
):
    world = refused_by_the_provider()
    world.barcodes.refused_items = {}

    report = world.handle(message(signup_id="signup-2"))
    waiting = world.issuance
    before = posted(world)
    world.cycle()
    world.publish()

    assert report.failed == []
    assert (waiting.state, before) == (IssuanceState.REQUESTED, 1)
    assert (world.issuance.state, posted(world)) == (IssuanceState.ISSUED, 2)
    assert world.issuance.signup_id == "signup-2"
    assert world.published_types == ["BarcodeRefused", "BarcodeIssued"]


def test_a_barcode_that_turns_up_after_a_refusal_is_taken_and_no_other_is_asked_for() -> None:
    world = refused_by_the_provider()
    late = replace(any_barcode(of=world.issuance.request), created_at=world.clock.now())
    world.barcodes.has(account=BRAND, barcode=late)

    world.handle(message(signup_id="signup-2"))
    world.cycle()

    assert (world.issuance.state, world.issuance.origin) == (
        IssuanceState.ISSUED,
        Origin.RECONCILED,
    )
    assert posted(world) == 1


def test_a_later_sign_up_that_a_gate_stops_leaves_what_was_refused_to_another_as_it_is() -> None:
    world = refused_by_the_provider()
    world.programs.put(STRICT)
    before = world.issuance

    report = world.handle(message(signup_id="signup-2"))

    assert report.failed == []
    assert world.issuance == before
