"""`couponbus why` finds rows by any id, code or name that an operator has."""

from dataclasses import replace

import pytest

from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.resolution import Resolution
from couponbus_cli.why.finding import key_in
from tests.factories import any_program, any_resolution, any_watch
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.fakes.programs import MemoryPrograms
from tests.unit.cli.rows import NUMBER, an_issuance, issued
from tests.unit.cli.stage import FakeStage


@pytest.fixture
def program() -> Program:
    return replace(any_program(), name="welcome", tracking_prefix="cb-")


@pytest.mark.parametrize("query", ["tracking code", "issuance id", "key", "customer", "sign-up"])
def test_an_issuance_is_found_by_whatever_is_at_hand(query: str, program: Program) -> None:
    row = issued(an_issuance(program))
    stage = FakeStage(MemoryLedger(row), MemoryPrograms(any_program(), program))
    at_hand = {
        "tracking code": row.tracking_code,
        "issuance id": row.issuance_id,
        "key": row.key,
        "customer": "4001",
        "sign-up": row.signup_id,
    }

    outcome = stage.run("why", at_hand[query])

    assert outcome.code == 0
    assert f"Issuance {row.issuance_id}: ISSUED, barcode ************0042" in outcome.out
    assert "2026-06-01 11:59:20 UTC  Coniq issued the barcode." in outcome.out
    assert NUMBER not in outcome.out


def test_the_answer_is_the_same_for_a_program(program: Program) -> None:
    row = issued(an_issuance(program))
    stage = FakeStage(MemoryLedger(row), MemoryPrograms(program))

    code, data = stage.run_json("why", "4001")

    assert code == 0
    assert data["query"] == "4001"
    rows = data["rows"]
    assert isinstance(rows, list)
    assert set(rows[0]) == {"key", "title", "state", "timeline", "known", "next", "trace_id"}
    assert rows[0]["state"] == "ISSUED"
    assert rows[0]["timeline"][0]["at"] == "2026-06-01T11:59:00+00:00"


def test_a_number_may_be_a_customer_and_a_sign_up(program: Program) -> None:
    as_customer = an_issuance(program)
    as_sign_up = replace(an_issuance(program, customer_id=77), signup_id="4001")
    stage = FakeStage(MemoryLedger(as_customer, as_sign_up), MemoryPrograms(program))

    outcome = stage.run("why", "4001")

    assert as_customer.issuance_id in outcome.out
    assert as_sign_up.issuance_id in outcome.out


def test_another_tenant_is_another_customer(program: Program) -> None:
    stage = FakeStage(MemoryLedger(an_issuance(program)), MemoryPrograms(program))

    assert stage.run("why", "4001", "--tenant", "brand").code == 1


def test_a_resolved_sign_up_leads_to_the_issuance_that_another_sign_up_made(
    program: Program,
) -> None:
    row = replace(issued(an_issuance(program)), signup_id="earlier")
    waiting: Resolution = replace(
        any_resolution(), tenant="default", program="welcome", signup_id="later"
    )
    resolved = waiting.resolved(customer_id=4001, now=NOON)
    stage = FakeStage(MemoryLedger(row, resolved), MemoryPrograms(program))

    outcome = stage.run("why", "later")

    assert "Search for the customer of sign-up later: RESOLVED" in outcome.out
    assert f"Issuance {row.issuance_id}: ISSUED" in outcome.out


def test_what_is_not_found_says_where_it_was_looked_for(program: Program) -> None:
    stage = FakeStage(programs=MemoryPrograms(program))

    by_number = stage.run("why", "4001")
    by_code = stage.run("why", "cb-" + "A" * 26)
    code, data = stage.run_json("why", "missing")

    assert (by_number.code, by_code.code, code) == (1, 1, 1)
    assert "issuances of the customer 4001 of the tenant default for each program (welcome)" in (
        by_number.out
    )
    assert "rows of a sign-up 4001 of the tenant default" in by_number.out
    assert f"the ledger's row ISSUANCE#{'A' * 26}" in by_code.out
    assert "leaves no row of its own" in by_code.out
    assert data["rows"] == []
    assert data["searched"] == ["rows of a sign-up missing of the tenant default"]


def test_without_programs_a_customer_cannot_be_found_and_that_is_said() -> None:
    assert "for each program (there are none)" in FakeStage().run("why", "4001").out


def test_an_e_mail_used_as_a_sign_up_id_is_not_shown() -> None:
    row = replace(an_issuance(), signup_id="ada@customer.example")
    stage = FakeStage(MemoryLedger(row))

    outcome = stage.run("why", "ada@customer.example")
    _, data = stage.run_json("why", "ada@customer.example")

    assert "sign-up (e-mail hidden)" in outcome.out
    assert "ada@" not in outcome.out
    assert data["query"] == "(e-mail hidden)"


def test_what_looks_like_nothing_known_is_no_key() -> None:
    assert key_in("4001") is None
    assert key_in("a" * 26) is None
    assert key_in("x" * 21 + "A" * 26) is None
    assert key_in("PROGRAM#x") is None
    assert key_in("RESOLUTION#ABC") == "RESOLUTION#ABC"


@pytest.mark.parametrize("query", ["key", "sign-up"])
def test_a_row_that_this_version_cannot_read_is_named(query: str, program: Program) -> None:
    row = issued(an_issuance(program))
    stage = FakeStage(MemoryLedger(row), MemoryPrograms(program))
    stage.ledger.broken.add(row.key)

    outcome = stage.run("why", {"key": row.key, "sign-up": row.signup_id}[query])

    assert f"This version cannot read these rows: {row.key}" in outcome.err


def test_an_unreadable_watch_is_named_beside_the_issuance_that_it_is_for(program: Program) -> None:
    row = issued(an_issuance(program))
    watch = replace(any_watch(), tenant=row.tenant, signup_id=row.signup_id)
    stage = FakeStage(MemoryLedger(row, watch), MemoryPrograms(program))
    stage.ledger.broken.add(watch.key)

    outcome = stage.run("why", row.key)

    assert f"Issuance {row.issuance_id}" in outcome.out
    assert outcome.err.count(watch.key) == 1
