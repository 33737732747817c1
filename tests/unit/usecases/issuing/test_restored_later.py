"""A row that a restore has made uncertain stays so until it is looked up, in every case."""

from collections import Counter
from dataclasses import replace

import pytest

from couponbus.domain.issuing.issuance import IssuanceState, Origin
from couponbus.domain.rate_limit import Pace
from couponbus.usecases.invocation import Metric
from tests.fakes.barcodes import Fate
from tests.unit.usecases.issuing.restored_world import (
    SETTLED,
    allow_again,
    backed_up,
    done,
    restore,
    settle,
    sold,
    throttled,
    uncoded,
)
from tests.unit.usecases.issuing.unmatched_world import MISTYPED, rematch
from tests.unit.usecases.world import BRAND, PROGRAM, TIMING, World, message

ANN = "ann@customer.example"


def test_an_operator_who_allows_another_barcode_is_obeyed() -> None:
    world = World()
    backup = throttled(world, customers=range(7, 8))
    uncoded(world)
    restore(world, backup)
    settle(world)
    allow_again(world)

    settle(world)

    assert (world.states, world.issuance.origin) == ([IssuanceState.ISSUED], Origin.ISSUED)


def test_new_sign_ups_are_looked_up_until_the_operator_says_that_it_is_done() -> None:
    world = World()
    restore(world, {})
    world.clock.pass_time(SETTLED)

    before = world.handle(message(7, signup_id="s7"))
    done(world)
    after = world.handle(message(8, signup_id="s8"))

    assert (before.metrics[Metric.LOOKUPS], before.metrics[Metric.CALLS]) == (1, 1)
    assert (after.metrics[Metric.LOOKUPS], after.metrics[Metric.CALLS]) == (0, 1)


def test_what_is_older_than_the_restore_is_looked_up_even_when_it_is_done() -> None:
    world = World()
    backup = throttled(world, customers=range(7, 8))
    settle(world)
    restore(world, backup)
    done(world)

    settle(world)

    assert sold(world) == Counter([7])
    assert world.issuance.origin is Origin.RECONCILED


def test_another_sign_up_does_not_carry_a_row_along_that_was_not_looked_up() -> None:
    world = World()
    backup = throttled(world, customers=range(7, 8))
    settle(world)
    restore(world, backup)
    done(world)
    world.clock.pass_time(SETTLED)

    world.handle(message(7, signup_id="another"))
    settle(world)

    assert sold(world) == Counter([7])


def test_an_email_that_waited_in_the_backup_is_looked_up_once_its_customer_is_known() -> None:
    world = World()
    world.handle(message(None, email=ANN))
    backup = backed_up(world)
    world.barcodes.knows(account=BRAND, email=ANN, customer_id=7)
    settle(world)
    assert sold(world) == Counter([7])

    restore(world, backup)
    done(world)
    settle(world)

    assert sold(world) == Counter([7])


def test_a_second_restore_forgets_what_the_first_one_had_learned() -> None:
    world = World()
    backup = throttled(world, customers=range(7, 8))
    restore(world, backup)
    settle(world)
    assert sold(world) == Counter([7])

    restore(world, backup)
    settle(world)

    assert sold(world) == Counter([7])


def test_what_was_looked_up_and_refused_for_a_while_is_not_looked_up_each_time() -> None:
    world = World()
    backup = throttled(world, customers=range(7, 8))
    restore(world, backup)
    world.clock.pass_time(SETTLED)
    world.barcodes.will(Fate.THROTTLED)
    world.cycle()
    assert world.issuance.attempt == 2

    report = world.cycle()

    assert (report.metrics[Metric.LOOKUPS], world.states) == (0, [IssuanceState.ISSUED])


@pytest.mark.parametrize("after", [0, 1])
def test_while_the_mark_cannot_be_read_nothing_is_sent(after: int) -> None:
    world = World()
    backup = throttled(world, customers=range(7, 8))
    restore(world, backup)
    world.clock.pass_time(SETTLED)
    world.sweep()
    world.ledger.will_fail("read", after=after)

    world.deliver()

    assert len(world.barcodes.posts) == 1


def test_without_a_restore_nothing_is_looked_up() -> None:
    world = World()

    report = world.handle(message(7))

    assert report.metrics[Metric.LOOKUPS] == 0


@pytest.mark.parametrize("is_done", [False, True])
def test_a_refusal_of_before_that_starts_again_is_looked_up_before_it_is_sent(
    *, is_done: bool
) -> None:
    world = World(replace(PROGRAM, required_consents=("terms",)))
    world.handle(message(7, signup_id="without"))
    world.publish()
    backup = backed_up(world)
    world.handle(message(7, signup_id="with", consents=["terms"]))
    assert sold(world) == Counter([7])
    restore(world, backup)
    settle(world)
    if is_done:
        done(world)

    world.handle(message(7, signup_id="with again", consents=["terms"]))
    settle(world)

    assert sold(world) == Counter([7])
    assert (world.states, world.issuance.origin) == ([IssuanceState.ISSUED], Origin.RECONCILED)


def test_a_refusal_of_before_of_which_nothing_came_starts_again_and_is_issued() -> None:
    world = World(replace(PROGRAM, required_consents=("terms",)))
    world.handle(message(7, signup_id="without"))
    world.publish()
    restore(world, backed_up(world))
    settle(world)
    done(world)

    world.handle(message(7, signup_id="with", consents=["terms"]))
    settle(world)

    assert sold(world) == Counter([7])
    assert (world.states, world.issuance.origin) == ([IssuanceState.ISSUED], Origin.ISSUED)


@pytest.mark.parametrize("customer", [7, None])
def test_a_kept_sign_up_that_is_matched_again_after_it_is_done_is_looked_up(
    customer: int | None,
) -> None:
    world = World(MISTYPED)
    world.barcodes.knows(account=BRAND, email=ANN, customer_id=7)
    world.handle(message(customer, email=ANN))
    backup = backed_up(world)
    world.programs.put(PROGRAM)
    rematch(world)
    settle(world)
    assert sold(world) == Counter([7])
    restore(world, backup)
    settle(world)
    done(world)

    rematch(world)
    settle(world)

    assert sold(world) == Counter([7])
    assert world.issuance.origin is Origin.RECONCILED


def test_what_came_again_before_it_was_done_is_looked_up_even_when_it_is_done() -> None:
    world = World()
    world.handle(message(7))
    restore(world, {})
    world.handle(message(7))  # too early for a look-up
    done(world)

    settle(world)

    assert sold(world) == Counter([7])


def test_what_was_made_on_an_operators_word_in_the_lost_hours_is_found() -> None:
    world = World()
    world.barcodes.will(Fate.LOST_BEFORE)
    world.handle(message(7))
    uncoded(world)
    settle(world)
    assert world.states == [IssuanceState.AMBIGUOUS]
    backup = backed_up(world)
    world.clock.pass_time(600)
    allow_again(world)
    settle(world)
    ours = world.issuance.barcode
    assert sold(world) == Counter({7: 2})  # theirs and ours
    restore(world, backup, hours=0.3)

    allow_again(world)
    settle(world)

    assert sold(world) == Counter({7: 2})
    assert (world.issuance.barcode, world.issuance.origin) == (ours, Origin.RECONCILED)


def test_what_a_first_restore_has_left_open_goes_by_its_hours_in_a_second_one() -> None:
    world = World()
    world.limiter.paces[BRAND] = Pace(paused_until=world.in_seconds(9000).timestamp())
    world.handle(message(7))
    backup = backed_up(world)
    uncoded(world)
    world.clock.pass_time(600)
    restore(world, backup, hours=0.5)
    done(world)
    world.clock.pass_time(7200)

    restore(world, backed_up(world), hours=0.5)
    settle(world, minutes=60)

    assert world.states == [IssuanceState.AMBIGUOUS]


def test_a_later_sign_up_brings_the_consent_that_the_row_lacks_which_waits_to_be_looked_up() -> (
    None
):
    world = World(replace(PROGRAM, required_consents=("terms",)))
    restore(world, {})

    world.handle(message(7, signup_id="without"))
    world.handle(message(7, signup_id="with", consents=["terms"]))
    settle(world)

    assert sold(world) == Counter({7: 1})


@pytest.mark.parametrize("seconds", [0, 2 * TIMING.settle])
def test_a_later_sign_up_brings_the_consent_that_a_row_in_doubt_lacks(seconds: float) -> None:
    world = World()
    world.barcodes.will(Fate.LOST_BEFORE)
    world.handle(message(7, signup_id="without"))
    world.programs.put(replace(PROGRAM, required_consents=("terms",)))
    world.clock.pass_time(seconds)

    later = message(7, signup_id="with", consents=["terms"])
    while later.message_id in world.handle(later).failed:
        world.cycle()
    settle(world)

    assert sold(world) == Counter({7: 1})
