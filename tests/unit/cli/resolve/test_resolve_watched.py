"""A customer whose barcode an operator sets is watched, from before it is stored."""

from dataclasses import replace

import pytest

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.provider import Provider
from couponbus.events.commands import WatchCustomers, WatchedCustomer
from tests.factories import any_program
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.fakes.programs import MemoryPrograms
from tests.unit.cli.rows import ambiguous, an_issuance
from tests.unit.cli.stage import FakeStage
from tests.unit.cli.watches import a_rule

PROGRAM = replace(any_program(), name="welcome", watches=(a_rule(), a_rule(Provider.KOUPON)))
CHOICE = ("--choose", "0042", "--reason", "seen", "--yes")


@pytest.fixture
def row() -> Issuance:
    named = replace(an_issuance(PROGRAM), uniqodo_user="user-1", koupon_consumer=None)
    return ambiguous(named).announced(now=NOON)


@pytest.fixture
def stage(row: Issuance) -> FakeStage:
    return FakeStage(MemoryLedger(row), MemoryPrograms(PROGRAM))


def state(stage: FakeStage, row: Issuance) -> IssuanceState:
    found = stage.ledger.rows[row.key]
    assert isinstance(found, Issuance)
    return found.state


def test_a_chosen_barcode_is_watched_under_the_names_of_its_sign_up(
    stage: FakeStage, row: Issuance
) -> None:
    outcome = stage.run("resolve", row.issuance_id, *CHOICE)

    assert (outcome.code, state(stage, row)) == (0, IssuanceState.ISSUED)
    assert stage.polls.sent == [
        WatchCustomers(
            program="welcome",
            tenant="default",
            customers=(
                WatchedCustomer(
                    reference=row.signup_id, coniq_customer_id=4001, uniqodo_user_id="user-1"
                ),
            ),
        )
    ]


def test_nothing_is_recorded_while_no_watch_can_begin(stage: FakeStage, row: Issuance) -> None:
    stage.polls.will_fail()

    failed = stage.run("resolve", row.issuance_id, *CHOICE)
    before = state(stage, row)
    again = stage.run("resolve", row.issuance_id, *CHOICE)

    assert (failed.code, before) == (3, IssuanceState.AMBIGUOUS)
    assert (again.code, state(stage, row)) == (0, IssuanceState.ISSUED)
    assert len(stage.polls.sent) == 1


def test_a_reissue_leaves_watching_to_the_issue(stage: FakeStage, row: Issuance) -> None:
    stage.run("resolve", row.issuance_id, "--reissue", "--reason", "void", "--yes")

    assert state(stage, row) is IssuanceState.PENDING
    assert stage.polls.sent == []


@pytest.mark.parametrize("why", ["no name", "program watches nothing", "program removed"])
def test_a_customer_that_no_program_watches_is_not_watched(why: str, row: Issuance) -> None:
    unnamed = replace(row, uniqodo_user=None) if why == "no name" else row
    left = [replace(PROGRAM, watches=())] if why == "program watches nothing" else [PROGRAM]
    programs = MemoryPrograms() if why == "program removed" else MemoryPrograms(*left)
    stage = FakeStage(MemoryLedger(unnamed), programs)

    outcome = stage.run("resolve", row.issuance_id, *CHOICE)

    assert (outcome.code, state(stage, row)) == (0, IssuanceState.ISSUED)
    assert stage.polls.sent == []
