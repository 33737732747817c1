"""`couponbus logs` shows the lines of a trace, whatever id an operator has of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from couponbus.domain.issuing.issuance import Issuance
from couponbus_cli.app.failing import UNREACHABLE, Failed
from couponbus_cli.logs.line import FUNCTIONS, LogLine
from tests.factories import any_program, any_resolution
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.fakes.programs import MemoryPrograms
from tests.unit.cli.logs.logged import OTHER, TRACE, FakeLogs, a_line
from tests.unit.cli.rows import an_issuance, issued
from tests.unit.cli.stage import FakeStage

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
EMAIL = "ada@customer.example"
LEDGER, BUG = "LedgerUnavailable:write", "KeyError"


def traced(row: Issuance, trace_id: str = TRACE) -> Issuance:
    return replace(row, trace_id=trace_id)


def a_stage(*lines: LogLine, row: Issuance | None = None) -> FakeStage:
    stored = traced(issued(an_issuance())) if row is None else row
    return FakeStage(MemoryLedger(stored), logs=FakeLogs(list(lines)))


def a_walk() -> Sequence[LogLine]:
    return [
        a_line("deliver_webhooks", NOON - 1 * SECOND, what="batch delivered", outcome="delivered"),
        a_line("issue_barcodes", NOON - 9 * SECOND),
        a_line("publish_events", NOON - 8 * SECOND, what="events published", outcome="published"),
    ]


@pytest.mark.parametrize(
    "query",
    [
        "trace id",
        "traceparent",
        "one of a later version",
        "upper case",
        "tracking code",
        "sign-up",
        "issuance id",
        "customer",
    ],
)
def test_lines_are_found_by_whatever_is_at_hand_and_shown_in_their_order(query: str) -> None:
    program = any_program()
    row = traced(issued(an_issuance(program)))
    stage = FakeStage(MemoryLedger(row), MemoryPrograms(program), logs=FakeLogs([*a_walk()]))
    at_hand = {
        "trace id": TRACE,
        "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
        "one of a later version": f"cc-{TRACE}-00f067aa0ba902b7-01-more",
        "upper case": TRACE.upper(),
        "tracking code": row.tracking_code,
        "sign-up": row.signup_id,
        "issuance id": row.issuance_id,
        "customer": str(row.customer_id),
    }

    code, data = stage.run_json("logs", at_hand[query])
    shown = stage.run("logs", at_hand[query])

    lines = data["lines"]
    assert isinstance(lines, list)
    assert (code, shown.code, data["traces"]) == (0, 0, [TRACE])
    assert [(each["function"], each["outcomes"]) for each in lines] == [
        ("issue_barcodes", ["issued"]),
        ("publish_events", ["published"]),
        ("deliver_webhooks", ["delivered"]),
    ]
    places = [shown.out.index(each["request_id"]) for each in lines]
    assert places == sorted(places)


def test_a_terminal_of_80_columns_has_room_for_each_fact() -> None:
    text = a_stage(*a_walk()).run("logs", TRACE).out

    assert max(map(len, text.splitlines())) <= 80
    for fact in (
        "06-01 11:59:59.000",
        "deliver_webhooks",
        "delivered",
        "request-of-issue_barcodes",
    ):
        assert fact in text


def test_only_the_outcome_of_this_trace_is_shown() -> None:
    line = a_line("issue_barcodes", NOON - SECOND, outcome="issued")
    both = replace(
        line, content={**line.content, "traces": {"issued": [OTHER], "unknown": [TRACE]}}
    )

    _, data = a_stage(both).run_json("logs", TRACE)

    lines = data["lines"]
    assert isinstance(lines, list)
    assert [each["outcomes"] for each in lines] == [["unknown"]]


@pytest.mark.parametrize(
    ("function", "outcome", "causes", "why", "of_batch", "shown"),
    [
        ("issue_barcodes", "failed", [LEDGER, LEDGER], [LEDGER], [], f"failed ({LEDGER})"),
        (
            "issue_barcodes",
            "failed",
            [BUG, "TypeError", BUG],
            [],
            [BUG, "TypeError"],
            f"failed (its batch: {BUG}, TypeError)",
        ),
        ("issue_barcodes", "issued", [BUG], [], [], "issued"),
        ("deliver_webhooks", "failed", [BUG], [], [], "failed"),
        ("publish_events", "failed", [], [], [], "failed"),
    ],
)
def test_a_reason_stands_beside_a_failure_that_certainly_has_it_and_else_is_its_batchs(
    function: str,
    outcome: str,
    causes: Sequence[str],
    why: Sequence[str],
    of_batch: Sequence[str],
    shown: str,
) -> None:
    stage = a_stage(a_line(function, NOON, outcome=outcome, failed=causes))

    _, data = stage.run_json("logs", TRACE)

    lines = data["lines"]
    assert isinstance(lines, list)
    assert [(each["why"], each["why_of_batch"]) for each in lines] == [(why, of_batch)]
    words = " ".join(stage.run("logs", TRACE).out.split())
    assert f" {shown} request request-of-{function}" in words


def test_only_what_was_logged_since_then_is_searched() -> None:
    stage = a_stage(a_line("issue_barcodes", NOON - 2 * DAY))

    a_day, three_days = stage.run("logs", TRACE), stage.run("logs", TRACE, "--since", "3d")

    assert (a_day.code, three_days.code) == (1, 0)
    assert "since 2026-05-31 12:00:00 UTC" in a_day.out
    assert "traces_left_out" in a_day.out
    assert stage.run("logs", TRACE, "--since", "yesterday").code == 2


def test_a_search_of_more_than_is_kept_says_for_how_long_that_is() -> None:
    stage = a_stage(a_line("issue_barcodes", NOON - SECOND))

    assert "keeps log lines for 1 day" in stage.run("logs", TRACE, "--since", "30h").out
    assert "keeps log lines" not in stage.run("logs", TRACE).out


def test_a_log_that_cannot_be_read_is_named_and_the_others_are_shown() -> None:
    stage = a_stage(*a_walk())
    stage.logs.unread = {"sweep_due": "access is denied (AccessDeniedException)"}
    stage.logs.cut = ["publish_events"]

    outcome = stage.run("logs", TRACE)

    assert outcome.code == 0
    assert "sweep_due could not be read: access is denied" in outcome.out
    assert "more lines of publish_events" in outcome.out
    assert "request-of-issue_barcodes" in outcome.out


def test_without_any_log_the_stage_counts_as_out_of_reach() -> None:
    stage = a_stage()
    stage.logs.failure = Failed("no log group", kind="unreachable", code=UNREACHABLE)

    outcome = stage.run("logs", TRACE)

    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (3, "", 1)


@pytest.mark.parametrize(
    "query",
    [
        "nonsense",
        "\x1b[31mred",
        "x" * 5000,
        "\udcff\udcfe",
        "😀",
        "' OR 1=1 --",
        " ",
        "0" * 32,
        f"ff-{TRACE}-00f067aa0ba902b7-01",
    ],
)
def test_nonsense_ends_with_what_was_looked_for_and_is_not_echoed_raw(query: str) -> None:
    stage = a_stage()

    outcome = stage.run("logs", query)
    code, data = stage.run_json("logs", query)

    assert (outcome.code, code) == (1, 1)
    assert "Searched:" in outcome.out
    assert "\x1b" not in outcome.out
    assert len(outcome.out) < 1000
    assert data["lines"] == stage.logs.asked == []


def test_an_e_mail_as_a_sign_up_id_finds_its_trace_and_reaches_no_search() -> None:
    row = traced(replace(issued(an_issuance()), signup_id=EMAIL))
    stage = a_stage(*a_walk(), row=row)

    outcome = stage.run("logs", EMAIL)
    _, data = stage.run_json("logs", EMAIL)

    assert outcome.code == 0
    assert [asked for asked, _ in stage.logs.asked] == [[TRACE], [TRACE]]
    assert EMAIL not in outcome.out + str(data)


def test_a_row_without_a_trace_is_found_beside_the_trace_in_a_line() -> None:
    stored = issued(an_issuance())
    named = a_line("issue_barcodes", NOON - SECOND, outcome="unmatched", row=stored.key)
    stage = a_stage(*a_walk(), named, row=stored)

    _, data = stage.run_json("logs", stored.signup_id)

    lines = data["lines"]
    assert isinstance(lines, list)
    assert (data["traces"], len(lines)) == ([TRACE], 4)


def test_rows_without_a_trace_that_no_line_names_are_said_to_have_none() -> None:
    stored = issued(an_issuance())

    outcome = a_stage(*a_walk(), row=stored).run("logs", stored.signup_id)

    assert outcome.code == 1
    assert "have no trace id" in outcome.out


def test_a_sign_up_with_several_traces_shows_each() -> None:
    row = traced(issued(an_issuance()))
    search = replace(any_resolution(), tenant="default", signup_id=row.signup_id, trace_id=OTHER)
    stage = FakeStage(MemoryLedger(row, search), logs=FakeLogs([a_line("issue_barcodes", NOON)]))

    _, data = stage.run_json("logs", row.signup_id)

    traces, lines = data["traces"], data["lines"]
    assert isinstance(traces, list)
    assert isinstance(lines, list)
    assert set(traces) == {TRACE, OTHER} == {each["trace_id"] for each in lines}


def test_the_log_of_each_function_is_searched() -> None:
    folders = (Path(__file__).parents[4] / "functions").glob("*/handler.py")

    assert set(FUNCTIONS) == {path.parent.name for path in folders}
