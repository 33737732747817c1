"""Findings about Coniq of a probe with --write, from the barcodes that it has issued."""

import pytest

from tests.unit.cli.probe.scripted import Answered, Request, Script, answered
from tests.unit.cli.probe.scripted_coniq import (
    BAD,
    ITEM,
    REQUESTS,
    always,
    found,
    known,
    verdict_on,
)


def writing(answer_to: Script) -> Script:
    def script(request: Request) -> Answered:
        return answer_to(request) if request.method == "POST" else known(ITEM)(request)

    return script


def test_an_issue_that_is_refused_proves_little() -> None:
    findings = found(writing(always(BAD)), requests=REQUESTS)

    assert verdict_on(findings, "issue_status") == ("differs", "status 400")
    assert verdict_on(findings, "tracking_code_length") == (
        "unproven",
        "a shorter one is refused as well",
    )
    assert verdict_on(findings, "tracking_code_echo") == ("unproven", "status 400")
    assert verdict_on(findings, "duplicates") == ("unproven", "status 400, then status 400")
    assert verdict_on(findings, "created_is_utc") == ("unproven", "no time that can be read")


@pytest.mark.parametrize(
    ("came", "evidence"),
    [("probe-00000", "cut to 11 characters"), (None, "null"), ("other", "another code")],
)
def test_a_tracking_code_that_comes_back_changed_is_reported(
    came: str | None, evidence: str
) -> None:
    answer = answered({**ITEM, "tracking_code": came}, status=201)

    assert verdict_on(found(writing(always(answer)), requests=REQUESTS), "tracking_code_echo") == (
        "differs",
        evidence,
    )


def test_a_time_in_another_zone_is_reported() -> None:
    item = {**ITEM, "created_datetime_utc": "2026-06-01T14:00:00"}
    answer = answered(item, status=201, headers={"Date": "Mon, 01 Jun 2026 12:00:00 GMT"})

    findings = found(writing(always(answer)), requests=REQUESTS)

    assert verdict_on(findings, "created_is_utc") == (
        "differs",
        "+2.0 hours from the answer's Date (an old one, or no UTC)",
    )


def test_a_batch_that_is_refused_whole_may_have_been_carried_out() -> None:
    def answer(request: Request) -> Answered:
        if request.path == "/barcode":
            return answered(ITEM, status=201)
        if "NO_SUCH_CHANNEL" in str(request.body):
            return BAD
        assert isinstance(request.body, list)
        return answered([{**ITEM, **valid} for valid in request.body], status=201)

    def script(request: Request) -> Answered:
        if request.method == "POST":
            return answer(request)
        issued = [{**ITEM, "tracking_code": REQUESTS.code(name)} for name in ("good", "first")]
        return known(*issued)(request)

    findings = found(script, requests=REQUESTS)

    assert verdict_on(findings, "batch_partial") == ("differs", "status 400, the other was issued")
    assert verdict_on(findings, "item_errors") == (
        "unproven",
        "no answer had an item with an error",
    )
    assert findings["batch_request"].verdict.value == "holds"
    assert verdict_on(findings, "visible_at_once") == ("differs", "2 barcodes")
    assert findings["list_is_whole"].verdict.value == "unproven"


def test_a_bad_item_may_vanish_from_the_answer() -> None:
    def answer(request: Request) -> Answered:
        if request.path == "/barcode":
            return answered(ITEM, status=201)
        return (
            answered([], status=200) if "NO_SUCH_CHANNEL" in str(request.body) else answered(b"odd")
        )

    findings = found(writing(answer), requests=REQUESTS)

    assert verdict_on(findings, "batch_partial") == (
        "differs",
        "status 200, the other was not found",
    )
    assert verdict_on(findings, "item_errors") == (
        "unproven",
        "no answer had an item with an error",
    )
    assert verdict_on(findings, "batch_request") == ("unproven", "status 200")
