"""A ledger that was restored to an earlier hour never causes a second barcode."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from couponbus.domain.errors import ProviderUnavailable
from couponbus.domain.issuing.issuance import IssuanceState, Origin
from couponbus.domain.issuing.look_up_results import failing_since
from couponbus.domain.rate_limit import Pace
from couponbus.usecases.invocation import Metric
from tests import factories
from tests.fakes.barcodes import Fate
from tests.unit.usecases.issuing.restored_world import (
    CUSTOMERS,
    SETTLED,
    backed_up,
    done,
    restore,
    restored_at,
    settle,
    sold,
    throttled,
    uncoded,
)
from tests.unit.usecases.world import (
    BRAND,
    PROGRAM,
    World,
    assert_waits_unwritten,
    continued,
    message,
)

ANN = "ann@customer.example"


def test_what_was_pending_after_an_attempt_is_not_issued_again() -> None:
    world = World()
    backup = throttled(world)
    settle(world)
    assert sold(world) == Counter(CUSTOMERS)

    restore(world, backup)
    settle(world)

    assert sold(world) == Counter(CUSTOMERS)
    assert {(one.state, one.origin) for one in world.issuances} == {
        (IssuanceState.ISSUED, Origin.RECONCILED)
    }


def test_what_was_pending_and_never_issued_is_issued_once_the_provider_says_so() -> None:
    world = World()
    backup = throttled(world)

    restore(world, backup)
    settle(world)

    assert sold(world) == Counter(CUSTOMERS)
    assert {one.origin for one in world.issuances} == {Origin.ISSUED}


def test_a_sign_up_that_the_table_has_forgotten_is_looked_up_when_it_is_sent_again() -> None:
    world = World()
    world.handle(message(7))

    restore(world, {})
    world.handle(message(7))
    settle(world)

    assert sold(world) == Counter([7])
    assert (world.issuance.state, world.issuance.origin) == (
        IssuanceState.ISSUED,
        Origin.RECONCILED,
    )


def test_the_event_of_a_barcode_that_is_found_again_has_the_id_that_it_had() -> None:
    world = World()
    world.handle(message(7))
    world.publish()

    restore(world, {})
    world.handle(message(7))
    settle(world)

    assert world.published_types == ["BarcodeIssued", "BarcodeIssued"]
    assert len({event.metadata.id for event in world.bus.events}) == 1


def test_nothing_is_looked_up_before_the_last_attempts_had_time_to_settle() -> None:
    world = World()
    backup = throttled(world)

    restore(world, backup)
    settled_at = restored_at(world) + timedelta(seconds=SETTLED)
    while world.clock.now() + timedelta(seconds=60) < settled_at:
        assert world.cycle().metrics[Metric.LOOKUPS] == 0

    assert len(world.barcodes.posts) == 1
    taken_up = [one.ready_at for one in world.issuances if one.trail != backup[one.key].trail]
    assert min(filter(None, taken_up)) == settled_at


def test_an_attempt_that_the_table_still_shows_is_looked_up_after_later_ones_have_settled() -> None:
    world = World()
    world.barcodes.will(Fate.LOST_BEFORE)
    world.handle(message(7))
    world.clock.pass_time(2 * SETTLED)
    backup = backed_up(world)

    restore(world, backup)
    report = world.cycle()

    assert world.states == [IssuanceState.REQUESTED]
    assert report.metrics[Metric.LOOKUPS] == 0
    settle(world)
    assert world.states == [IssuanceState.ISSUED]
    assert sold(world) == Counter([7])


def test_a_provider_without_an_answer_is_asked_again_and_nothing_is_sent() -> None:
    world = World()
    backup = throttled(world, customers=range(7, 8))
    world.barcodes.will_not_answer_questions(
        *[ProviderUnavailable("status_500", provider="coniq", route="GET /barcode")] * 2
    )

    restore(world, backup)
    world.clock.pass_time(SETTLED)
    world.cycle()

    assert len(world.barcodes.posts) == 1
    assert failing_since(world.issuance) == world.clock.now()
    settle(world)
    assert sold(world) == Counter([7])


def test_a_row_that_only_waited_since_is_still_looked_up() -> None:
    """Its trail is newer than the restore, but contains no look-up."""
    world = World()
    backup = throttled(world, customers=range(7, 8))
    settle(world)
    restore(world, backup)
    for _ in range(3):
        world.cycle()
    assert world.issuance.trail[-1].at > restored_at(world)

    settle(world)

    assert sold(world) == Counter([7])


def test_two_barcodes_of_one_issuance_are_left_to_a_person() -> None:
    world = World()
    backup = throttled(world, customers=range(7, 8))
    settle(world)
    world.barcodes.has(account=BRAND, barcode=factories.any_barcode(of=world.issuance.request))

    restore(world, backup)
    settle(world)

    assert (world.issuance.state, world.issuance.reason) == (
        IssuanceState.AMBIGUOUS,
        "several_barcodes",
    )
    assert len(world.issuance.candidates) == 2


def test_a_barcode_without_a_code_that_is_as_new_as_the_lost_hours_is_left_to_a_person() -> None:
    world = World()
    backup = throttled(world, customers=range(7, 8))
    world.clock.pass_time(1800)
    uncoded(world)

    restore(world, backup)
    settle(world)

    assert world.states == [IssuanceState.AMBIGUOUS]


def test_a_barcode_without_a_code_that_is_older_is_none_of_ours() -> None:
    world = World()
    uncoded(world, days_old=1)
    backup = throttled(world, customers=range(7, 8))

    restore(world, backup)
    settle(world)

    assert (world.states, world.issuance.origin) == ([IssuanceState.ISSUED], Origin.ISSUED)


def test_a_program_that_takes_over_what_is_there_does_so_after_a_restore_as_well() -> None:
    world = World(replace(PROGRAM, precheck_existing=True))
    theirs = uncoded(world)

    restore(world, {})
    world.handle(message(7))
    settle(world)

    assert (world.issuance.barcode, world.issuance.origin) == (theirs, Origin.EXISTING)
    assert world.barcodes.posts == []


def test_that_it_waits_for_a_look_up_is_written_once_when_all_has_settled() -> None:
    world = World()
    restore(world, throttled(world, customers=range(1, 2)))
    world.clock.pass_time(SETTLED)
    world.limiter.paces[BRAND] = Pace(paused_until=world.in_seconds(200).timestamp())
    world.handle(continued(world.issuance))

    assert_waits_unwritten(world)
    world.clock.pass_time(200)
    settle(world, minutes=10)
    assert sold(world) == Counter([1])


def test_more_than_can_be_looked_up_in_an_invocation_leave_it_time_to_send_what_was_missing() -> (
    None
):
    world = World(calls_per_second=3.0)
    backup = throttled(world, customers=range(1, 200))
    restore(world, backup)
    world.clock.pass_time(SETTLED)

    report = world.handle(continued(*world.issuances))

    assert report.metrics[Metric.LOOKUPS] < 199
    assert report.metrics[Metric.ITEMS_POSTED] == report.metrics[Metric.LOOKUPS]


def test_a_gate_has_no_say_in_what_the_table_may_have_forgotten() -> None:
    world = World()
    backup = throttled(world, customers=range(7, 9))
    world.clock.pass_time(900)
    world.handle(continued(world.issuances[0]))
    forgotten = sold(world)

    restore(world, backup)
    world.programs.put(replace(PROGRAM, valid_until=world.clock.now()))
    settle(world)

    assert forgotten == Counter([7])
    assert {one.customer_id: (one.state, one.reason) for one in world.issuances} == {
        7: (IssuanceState.ISSUED, None),
        8: (IssuanceState.REJECTED, "program_ended"),
    }
    assert sold(world) == forgotten


def test_of_what_only_the_customer_was_brought_back_a_sign_up_that_comes_again_is_looked_up() -> (
    None
):
    world = World()
    world.handle(message(None, email=ANN))
    world.barcodes.knows(account=BRAND, email=ANN, customer_id=7)
    settle(world)
    restore(world, {row.key: row for row in world.resolutions})
    done(world)
    gone = ProviderUnavailable("status_503", provider="coniq", route="GET /customer")
    world.barcodes.will_not_answer_questions(gone)

    world.handle(message(None, email=ANN))
    settle(world)

    assert (sold(world), world.states) == (Counter([7]), [IssuanceState.ISSUED])
