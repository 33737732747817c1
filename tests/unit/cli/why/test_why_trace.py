"""`couponbus why` goes from a trace to its rows by what the log lines name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.issuing.issuance import Issuance
from couponbus_cli.app.failing import UNREACHABLE, Failed
from tests.factories import any_watch
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.logs.logged import OTHER, TRACE, FakeLogs, a_line
from tests.unit.cli.rows import an_issuance, issued, requested
from tests.unit.cli.stage import FakeStage

HOUR = timedelta(hours=1)


def traced(row: Issuance) -> Issuance:
    return replace(row, trace_id=TRACE)


@pytest.mark.parametrize("make", [issued, requested], ids=["published", "not published yet"])
def test_a_trace_leads_to_all_rows_of_its_sign_up(
    make: Callable[[Issuance], Issuance],
) -> None:
    row = traced(make(an_issuance()))
    watch = replace(any_watch(), tenant="default", signup_id=row.signup_id, trace_id=TRACE)
    other = replace(an_issuance(customer_id=77), signup_id="another")
    line = a_line("issue_barcodes", NOON - HOUR, row=row.key)
    stage = FakeStage(MemoryLedger(row, watch, other), logs=FakeLogs([line]))

    code, data = stage.run_json("why", TRACE)

    rows = data["rows"]
    assert isinstance(rows, list)
    assert code == 0
    assert [(each["key"], each["trace_id"]) for each in rows] == [
        (row.key, TRACE),
        (watch.key, TRACE),
    ]
    assert f"  Trace {TRACE}\n" in stage.run("why", TRACE).out


def test_the_tenant_is_that_of_the_row_and_need_not_be_given() -> None:
    row = traced(replace(issued(an_issuance()), tenant="brand"))
    line = a_line("issue_barcodes", NOON - HOUR, row=row.key)
    stage = FakeStage(MemoryLedger(row), logs=FakeLogs([line]))

    assert stage.run("why", TRACE).code == 0


def test_the_last_day_is_searched_before_all_that_is_kept() -> None:
    row = traced(issued(an_issuance()))
    line = a_line("issue_barcodes", NOON - 9 * 24 * HOUR, row=row.key)
    stage = FakeStage(MemoryLedger(row), logs=FakeLogs([line]))

    outcome = stage.run("why", TRACE, "--stage", "dev")

    assert outcome.code == 0
    assert [since for _, since in stage.logs.asked] == [NOON - 24 * HOUR, NOON - 30 * 24 * HOUR]


def test_a_trace_without_a_line_says_so_and_what_to_ask_for_instead() -> None:
    stage = FakeStage(logs=FakeLogs([a_line("issue_barcodes", NOON - HOUR, trace_id=OTHER)]))

    outcome = stage.run("why", TRACE)

    assert outcome.code == 1
    assert f"the rows that log lines name with the trace {TRACE}" in outcome.out
    assert "ask for the sign-up, the tracking code or the event" in outcome.out


def test_logs_that_cannot_be_read_are_no_proof_that_nothing_is_known() -> None:
    stage = FakeStage()
    stage.logs.failure = Failed("no log group can be read", kind="unreachable", code=UNREACHABLE)

    outcome = stage.run("why", TRACE)

    assert (outcome.code, outcome.out) == (3, "")


def test_rows_without_a_trace_show_none() -> None:
    row = issued(an_issuance())

    outcome = FakeStage(MemoryLedger(row)).run("why", row.signup_id)

    assert "Trace" not in outcome.out


@pytest.mark.parametrize("query", ["x" * 5000, "\udcff", "0" * 32, f"{TRACE}0"])
def test_what_cannot_be_an_id_ends_with_what_was_looked_for(query: str) -> None:
    outcome = FakeStage().run("why", query)

    assert outcome.code == 1
    assert "Nothing is known of" in outcome.out
    assert len(outcome.out) < 2000
