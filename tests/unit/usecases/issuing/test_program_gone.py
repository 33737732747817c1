"""A program removed by a slip or renamed refuses no sign-up for a quarter of an hour."""

from dataclasses import replace

import pytest

from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.resolution import ResolutionState
from couponbus.usecases.invocation import Metric
from tests.fakes.barcodes import Fate
from tests.fakes.clock import NOON
from tests.unit.usecases.world import BRAND, PROGRAM, World, message

EMAIL = "ann@customer.example"


def out_of_time() -> World:
    """Return a world in which ten sign-ups wait, because no time was left to POST them."""
    world = World()
    world.handle(*(message(each, signup_id=f"s{each}") for each in range(1, 11)), within=30)
    return world


def cycles(world: World, minutes: int) -> None:
    for _ in range(minutes):
        world.cycle()


@pytest.mark.parametrize("minutes", [1, 5, 10])
def test_rows_wait_for_a_program_that_is_gone_for_some_minutes(minutes: int) -> None:
    world = out_of_time()
    world.programs.remove(PROGRAM.name)
    cycles(world, minutes)
    assert set(world.states) == {IssuanceState.PENDING}

    world.programs.put(PROGRAM)
    cycles(world, 20)

    assert set(world.states) == {IssuanceState.ISSUED}
    assert len(world.barcodes.made) == 10


def test_a_program_that_stays_away_refuses_them_in_the_end() -> None:
    world = out_of_time()
    world.programs.remove(PROGRAM.name)

    cycles(world, 20)

    assert {(one.state, one.reason) for one in world.issuances} == {
        (IssuanceState.REJECTED, "program_removed")
    }
    assert world.barcodes.made == []


def test_a_program_that_was_renamed_gives_its_barcodes_to_those_who_sign_up_again() -> None:
    world = out_of_time()
    world.programs.remove(PROGRAM.name)
    cycles(world, 20)
    world.publish()
    world.programs.put(replace(PROGRAM, name="renamed"))

    world.handle(*(message(each, signup_id=f"again{each}") for each in range(1, 11)))
    cycles(world, 2)

    assert {(one.state, one.program) for one in world.issuances} == {
        (IssuanceState.ISSUED, "renamed")
    }
    assert len(world.barcodes.made) == 10


def test_a_row_is_written_once_while_its_program_is_gone() -> None:
    world = out_of_time()
    world.programs.remove(PROGRAM.name)
    world.cycle()
    before = world.ledger.writes

    cycles(world, 10)

    assert world.ledger.writes == before


def test_a_waiting_search_waits_for_its_program_too() -> None:
    world = World()
    world.handle(message(None, email=EMAIL))
    world.programs.remove(PROGRAM.name)
    cycles(world, 5)
    world.barcodes.knows(account=BRAND, email=EMAIL, customer_id=7)

    world.programs.put(PROGRAM)
    cycles(world, 20)

    assert [one.state for one in world.resolutions] == [ResolutionState.RESOLVED]
    assert world.states == [IssuanceState.ISSUED]


def search_refused() -> World:
    """Return a world in which a sign-up waits for its customer and its program stays removed."""
    world = World()
    world.handle(message(None, email=EMAIL))
    world.programs.remove(PROGRAM.name)
    cycles(world, 20)
    return world


def test_a_search_ends_when_its_program_stays_away() -> None:
    world = search_refused()

    (row,) = world.resolutions
    assert (row.state, row.reason, row.email) == (ResolutionState.REFUSED, "program_removed", None)


def test_a_search_that_was_refused_begins_again_under_another_sign_up_id_only() -> None:
    world = search_refused()
    world.programs.put(PROGRAM)

    world.handle(message(None, email=EMAIL, message_id="m-again"))
    with_the_same = [one.state for one in world.resolutions]
    world.handle(message(None, email=EMAIL, signup_id="signup-2"))

    refused, waiting = ResolutionState.REFUSED, ResolutionState.WAITING
    assert (with_the_same, [one.state for one in world.resolutions]) == (
        [refused],
        [refused, waiting],
    )


def test_a_sign_up_whose_search_was_refused_is_taken_once_its_customer_is_known() -> None:
    world = search_refused()
    world.programs.put(PROGRAM)
    world.barcodes.knows(account=BRAND, email=EMAIL, customer_id=7)

    world.handle(message(None, email=EMAIL, message_id="m-again"))

    assert world.states == [IssuanceState.ISSUED]


def test_those_that_wait_are_counted_as_put_off_and_not_as_refused() -> None:
    world = out_of_time()
    world.programs.remove(PROGRAM.name)

    report = world.cycle()

    assert (report.metrics[Metric.POSTPONED], report.metrics[Metric.REFUSED]) == (10, 0)


def test_a_sign_up_under_the_new_name_does_not_wait_for_the_old_one() -> None:
    world = out_of_time()
    world.programs.remove(PROGRAM.name)
    world.programs.put(replace(PROGRAM, name="renamed"))

    world.handle(message(99, signup_id="s99"))
    cycles(world, 10)

    (row,) = [one for one in world.issuances if one.signup_id == "s99"]
    assert (row.state, row.program) == (IssuanceState.ISSUED, "renamed")


def test_rows_go_on_under_the_new_name_of_their_program() -> None:
    world = out_of_time()
    world.programs.remove(PROGRAM.name)
    world.programs.put(replace(PROGRAM, name="renamed"))

    cycles(world, 10)

    assert {(one.state, one.program) for one in world.issuances} == {
        (IssuanceState.ISSUED, "renamed")
    }
    assert len(world.barcodes.made) == 10


@pytest.mark.parametrize(
    "other",
    [
        replace(PROGRAM, name="other", offer_id=99),
        replace(PROGRAM, name="other", account="elsewhere"),
        replace(PROGRAM, name="other", occurrence="spring"),
        replace(PROGRAM, name="other", required_consents=("terms",)),
        replace(PROGRAM, name="other", valid_until=NOON),
    ],
)
def test_a_program_that_does_not_owe_the_same_barcode_takes_no_rows_over(other: Program) -> None:
    world = out_of_time()
    world.programs.remove(PROGRAM.name)
    world.programs.put(other)

    cycles(world, 20)

    assert {(one.program, one.reason) for one in world.issuances} == {
        (PROGRAM.name, "program_removed")
    }
    assert world.barcodes.made == []


def test_a_sign_up_that_joined_a_row_of_another_program_is_not_refused_with_that_program() -> None:
    world = World(PROGRAM, replace(PROGRAM, name="twin"))
    world.barcodes.will(Fate.THROTTLED)
    world.handle(message())
    world.programs.remove(world.issuance.program)

    cycles(world, 20)

    assert world.states == [IssuanceState.ISSUED]


def test_a_customer_is_looked_up_in_the_account_that_the_program_has_by_now() -> None:
    main = World().accounts[BRAND]
    world = World(accounts=[main, replace(main, name="other")])
    world.handle(message(None, email=EMAIL))
    world.barcodes.knows(account=BRAND, email=EMAIL, customer_id=42)
    world.barcodes.knows(account="other", email=EMAIL, customer_id=43)
    world.programs.put(replace(PROGRAM, account="other"))

    cycles(world, 2)

    assert [(one.account, one.customer_id) for one in world.issuances] == [("other", 43)]
    assert {row.account for row in world.resolutions} == {"other"}
