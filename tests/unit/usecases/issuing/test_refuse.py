"""The gates are checked before each POST."""

from dataclasses import replace

import pytest

from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.resolution import ResolutionState
from couponbus.usecases.invocation import Metric
from tests.fakes.barcodes import Fate
from tests.fakes.clock import NOON
from tests.unit.usecases.world import PROGRAM, TIMING, World, message

STRICT = replace(PROGRAM, required_consents=("marketing",))
ENDED = replace(PROGRAM, valid_until=NOON)


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (STRICT, "consent_missing"),
        (replace(PROGRAM, minimum_age=18), "age_unknown"),
        (replace(PROGRAM, valid_from=NOON.replace(year=2027)), "program_not_started"),
        (ENDED, "program_ended"),
    ],
)
def test_a_denied_sign_up_is_refused_with_its_reason_and_nothing_is_sent(
    program: Program, reason: str
) -> None:
    world = World(program)

    report = world.handle(message())
    world.publish()

    assert report.failed == []
    assert report.metrics[Metric.REFUSED] == 1
    assert (world.issuance.state, world.issuance.reason) == (IssuanceState.REJECTED, reason)
    assert world.barcodes.posts == []
    assert world.published_types == ["BarcodeRefused"]


def test_a_customer_who_is_too_young_is_refused() -> None:
    world = World(replace(PROGRAM, minimum_age=18))

    world.handle(message(birth_date="2008-06-02"), message(43, birth_date="2008-06-01"))

    assert sorted(world.states) == [IssuanceState.ISSUED, IssuanceState.REJECTED]


@pytest.mark.parametrize("name", ["a program before", "z program after"])
def test_what_one_program_denies_another_may_give(name: str) -> None:
    world = World(STRICT, replace(PROGRAM, name=name))

    report = world.handle(message())

    assert world.states == [IssuanceState.ISSUED]
    assert world.issuance.program == name
    assert report.metrics[Metric.REFUSED] == 0


def test_a_customer_known_by_nothing_is_refused() -> None:
    world = World()

    world.handle(message(None))
    world.publish()

    (row,) = world.resolutions
    assert (row.state, row.reason) == (ResolutionState.REFUSED, "identity_missing")
    assert world.published_types == ["BarcodeRefused"]


def test_each_later_sign_up_hears_its_own_refusal() -> None:
    world = World(STRICT)
    world.handle(message())
    world.publish()

    world.handle(message(signup_id="signup-2"))
    world.publish()

    assert world.published_types == ["BarcodeRefused"] * 2
    assert len({event.metadata.id for event in world.bus.events}) == 2
    assert world.issuance.signup_id == "signup-2"


def test_a_refusal_takes_nothing_away_from_another_sign_up_that_waits() -> None:
    world = World(STRICT)
    world.handle(message(consents=["marketing"]), within=30)
    before = world.issuance
    assert before.is_ready(world.clock.now())

    report = world.handle(message(signup_id="denied"))

    assert report.failed == []
    assert world.issuance == before
    world.cycle(seconds=0)
    assert world.states == [IssuanceState.ISSUED]


def test_a_refusal_takes_no_barcode_away() -> None:
    world = World(STRICT)
    world.handle(message(consents=["marketing"]))
    before = world.issuance

    world.handle(message(signup_id="denied"))

    assert world.issuance == before


@pytest.mark.parametrize("ended", ["program_ended", "program_removed"])
def test_the_gates_speak_again_when_a_waiting_one_is_taken_up(ended: str) -> None:
    world = World()
    world.handle(message(), within=30)
    end(world, ended)

    for _ in range(20):
        world.cycle()

    assert (world.issuance.state, world.issuance.reason) == (IssuanceState.REJECTED, ended)
    assert world.barcodes.posts == []


@pytest.mark.parametrize("ended", ["program_ended", "program_removed"])
def test_an_attempt_that_was_made_is_settled_whatever_a_gate_says(ended: str) -> None:
    world = World()
    world.barcodes.will(Fate.LOST_AFTER)
    world.handle(message())
    end(world, ended)

    world.cycle(seconds=TIMING.settle + TIMING.skew)

    assert world.states == [IssuanceState.ISSUED]


@pytest.mark.parametrize("ended", ["program_ended", "program_removed"])
def test_nothing_is_sent_again_for_a_program_that_is_over(ended: str) -> None:
    world = World()
    world.barcodes.will(Fate.LOST_BEFORE)
    world.handle(message())
    end(world, ended)

    for _ in range(40):
        world.cycle()

    assert len(world.barcodes.posts) == 1
    assert (world.issuance.state, world.issuance.reason) == (IssuanceState.REJECTED, ended)


def end(world: World, how: str) -> None:
    if how == "program_removed":
        assert world.programs.remove(PROGRAM.name)
    else:
        world.programs.put(ENDED)


def test_a_waiting_search_ends_with_its_program() -> None:
    world = World()
    world.handle(message(None, email="a@customer.example"))
    world.programs.put(ENDED)

    world.cycle()

    (row,) = world.resolutions
    assert (row.state, row.reason, row.email) == (ResolutionState.REFUSED, "program_ended", None)


@pytest.mark.parametrize("customer_id", [42, None])
def test_a_refusal_that_cannot_be_stored_comes_again(customer_id: int | None) -> None:
    world = World(STRICT)
    world.ledger.will_fail("write", times=3)

    report = world.handle(message(customer_id))

    assert report.failed == ["m-signup-1"]
    assert world.ledger.rows == {}
