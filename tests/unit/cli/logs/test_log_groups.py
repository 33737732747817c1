"""The real log groups of a stage are searched by a quoted term, page by page."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.logs.models import LogGroup

from couponbus_cli.app.stage import Target
from couponbus_cli.logs import log_groups
from couponbus_cli.logs.line import FUNCTIONS
from couponbus_cli.logs.log_groups import LogGroups
from tests.architecture.tree import ROOT
from tests.unit.cli.logs.logged import OTHER, TRACE, FakeLogs
from tests.unit.cli.moto import Deployed, a_deployed_stage

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
STREAM = "2026/11/30/[live]abc"


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with a_deployed_stage(monkeypatch) as stage:
        yield stage


def has_log(target: Target, *functions: str) -> None:
    for function in functions:
        group = target.log_group(function)
        target.logs().create_log_group(logGroupName=group)
        target.logs().create_log_stream(logGroupName=group, logStreamName=STREAM)


def logged(target: Target, function: str, *messages: str, ago: timedelta = HOUR) -> None:
    at = round((NOW - ago).timestamp() * 1000)
    target.logs().put_log_events(
        logGroupName=target.log_group(function),
        logStreamName=STREAM,
        logEvents=[
            {"timestamp": at + place, "message": message} for place, message in enumerate(messages)
        ],
    )


def a_batch(trace_id: str = TRACE, **more: object) -> str:
    return json.dumps({"message": "batch done", "traces": {"issued": [trace_id]}, **more})


def test_the_lines_of_all_functions_are_found_in_their_order(deployed: Deployed) -> None:
    target = deployed.target
    has_log(target, *FUNCTIONS)
    logged(target, "deliver_webhooks", a_batch(), ago=HOUR / 2)
    logged(target, "issue_barcodes", a_batch(OTHER), a_batch(), "START RequestId: 1", a_batch())
    logged(target, "publish_events", a_batch(), ago=3 * HOUR)

    lines = LogGroups(target=target).mentioning([TRACE], since=NOW - 2 * HOUR)

    found = [(line.function, line.outcomes(TRACE)) for line in lines.found]
    assert found == [("issue_barcodes", ["issued"])] * 2 + [("deliver_webhooks", ["issued"])]
    assert (lines.unread, lines.cut) == ({}, ())


def test_the_fake_of_other_tests_finds_the_same(deployed: Deployed) -> None:
    target = deployed.target
    has_log(target, *FUNCTIONS)
    logged(target, "publish_events", a_batch(), a_batch(OTHER))
    logged(target, "issue_barcodes", a_batch(), a_batch(number=2), ago=5 * HOUR)
    real = LogGroups(target=target)
    fake = FakeLogs([*real.mentioning([TRACE, OTHER], since=NOW - 9 * HOUR).found])

    for traces in ([TRACE], [OTHER], [TRACE, OTHER], [TRACE[::-1]]):
        for ago in (HOUR / 2, 2 * HOUR, 9 * HOUR):
            assert fake.mentioning(traces, since=NOW - ago) == real.mentioning(
                traces, since=NOW - ago
            )


def test_the_command_and_why_find_a_row_by_its_trace(deployed: Deployed) -> None:
    target = deployed.target
    has_log(target, *FUNCTIONS)
    logged(target, "issue_barcodes", a_batch(rows={"issued": ["ISSUANCE#NONE"]}))

    code, shown = deployed.run("logs", TRACE)
    why_code, why = deployed.run("why", TRACE)

    assert (code, "issue_barcodes" in shown) == (0, True)
    assert (why_code, "Nothing is known of" in why) == (1, True)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service give pages of seven lines."""
    plain: Any = LogGroup.filter_log_events

    def of_seven(self: LogGroup, *given: Any) -> Any:
        limit = 4
        return plain(self, *given[:limit], 7, *given[limit + 1 :])

    monkeypatch.setattr(LogGroup, "filter_log_events", of_seven)


@pytest.mark.usefixtures("small_pages")
def test_every_page_is_read_within_bounds_and_a_cut_is_said(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = deployed.target
    has_log(target, *FUNCTIONS)
    logged(target, "issue_barcodes", *(a_batch(number=number) for number in range(30)))
    search = partial(LogGroups(target=target).mentioning, [TRACE], since=NOW - 2 * HOUR)

    whole = search()
    monkeypatch.setattr(log_groups, "LINES_MAX", 10)
    few_lines = search()
    monkeypatch.setattr(log_groups, "PAGES_MAX", 1)
    few_pages = search()

    assert (len(whole.found), whole.cut) == (30, ())
    assert (len(few_lines.found), few_lines.cut) == (14, ("issue_barcodes",))
    assert (len(few_pages.found), few_pages.cut) == (7, ("issue_barcodes",))


def test_a_log_that_is_not_there_is_named_in_its_place_and_the_rest_is_shown(
    deployed: Deployed,
) -> None:
    target = deployed.target
    has_log(target, "issue_barcodes")
    logged(target, "issue_barcodes", a_batch())

    code, shown = deployed.run("logs", TRACE)
    lines = LogGroups(target=target).mentioning([TRACE], since=NOW - 2 * HOUR)

    assert set(lines.unread) == set(FUNCTIONS) - {"issue_barcodes"}
    assert code == 0
    assert shown.count("could not be read: a part of the stage does not exist here") == 8


@pytest.mark.usefixtures("small_pages")
def test_what_was_read_of_a_log_before_a_failure_is_shown(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = deployed.target
    has_log(target, *FUNCTIONS)
    logged(target, "issue_barcodes", *(a_batch(number=number) for number in range(30)))
    plain: Any = LogGroup.filter_log_events

    def denied_from_the_second_page(self: LogGroup, *given: Any) -> Any:
        if given[5] is not None:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "FilterLogEvents")
        return plain(self, *given)

    monkeypatch.setattr(LogGroup, "filter_log_events", denied_from_the_second_page)

    lines = LogGroups(target=target).mentioning([TRACE], since=NOW - 2 * HOUR)

    assert len(lines.found) == 7
    assert [*lines.unread] == ["issue_barcodes"]
    assert "access is denied" in lines.unread["issue_barcodes"]


def test_only_a_stage_whose_logs_all_fail_is_out_of_reach(deployed: Deployed) -> None:
    code, shown = deployed.run("logs", TRACE)
    why_code, why = deployed.run("why", TRACE)

    assert (code, why_code) == (3, 3)
    assert shown.startswith("no log group can be read: a part of the stage does not exist here")
    assert (shown.count("\n"), why) == (1, shown)


def test_a_line_of_another_version_or_of_a_library_breaks_nothing(deployed: Deployed) -> None:
    target = deployed.target
    has_log(target, *FUNCTIONS)
    odd = (
        f'"{TRACE}"',
        f"[{TRACE}",
        json.dumps({"message": "x", "traces": [TRACE]}),
        json.dumps({"message": "x", "traces": {"issued": TRACE}, "rows": 7}),
        json.dumps({"message": 7, "traces": {"issued": [TRACE]}, "failed": [TRACE, {"why": 1}]}),
        json.dumps({"traces": {"issued": [TRACE]}}),
    )
    logged(target, "sweep_due", *odd)

    code, shown = deployed.run("logs", TRACE, "--json")

    lines = json.loads(shown)["lines"]
    assert code == 0
    assert [(each["what"], each["outcomes"], each["row"]) for each in lines] == [
        ("7", ["issued"], None)
    ]


def test_the_log_of_each_function_is_searched() -> None:
    assert {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")} == {*FUNCTIONS}
