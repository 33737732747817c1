"""Behaviour of Coniq that its simulator does not have."""

from collections.abc import Sequence

import pytest

from couponbus.providers.http.failure import Failure
from couponbus_cli.app.failing import Failed
from couponbus_cli.probe.findings import Verdict
from tests.unit.cli.probe.scripted import Answered, Request, answered
from tests.unit.cli.probe.scripted_coniq import (
    ITEM,
    REQUESTS,
    STRANGER,
    always,
    found,
    known,
    verdict_on,
)


def test_a_list_of_all_customers_is_a_filter_that_is_ignored() -> None:
    findings = found(always(answered([STRANGER, ITEM])))

    for name in ("filter_customer_id", "filter_customer_email"):
        assert verdict_on(findings, name) == (
            "differs",
            "ignored: 2 barcodes for an unknown customer",
        )
    assert findings["filter_tracking_code"].verdict.value == "differs"
    assert verdict_on(findings, "no_criterion") == ("differs", "answered: 2 barcodes")
    assert verdict_on(findings, "wrong_key") == ("differs", "status 200")
    assert findings["wrong_key"].change == "ask Coniq: any key is accepted"
    assert verdict_on(findings, "api_version") == ("differs", "status 200")
    assert verdict_on(findings, "error_form") == ("unproven", "there was no error")
    assert verdict_on(findings, "nothing_found") == ("unproven", "no call had an empty answer")


def test_other_customers_among_the_answers_are_noticed() -> None:
    findings = found(known(STRANGER, ITEM))

    assert verdict_on(findings, "filter_customer_id") == (
        "differs",
        "ignored: 2 barcodes, also of other customers",
    )


def test_codes_of_others_among_the_answers_are_noticed() -> None:
    findings = found(known({**ITEM, "tracking_code": "t2"}, ITEM))

    assert verdict_on(findings, "filter_tracking_code") == (
        "differs",
        "ignored: 2 barcodes, also with other codes",
    )


@pytest.mark.parametrize(
    "nothing",
    [{"data": [], "error": "upstream"}, {"barcodes": [], "total": 3}, [7], {"data": "none"}],
)
def test_a_list_that_is_contradicted_is_not_nothing_found(nothing: object) -> None:
    findings = found(known(ITEM, nothing=answered(nothing)))

    for name in ("filter_customer_id", "filter_tracking_code", "nothing_found"):
        assert findings[name].verdict is Verdict.UNPROVEN


def test_a_404_in_coniqs_words_is_nothing_found() -> None:
    own = {"code": 404, "message": "Not Found", "errors": []}
    findings = found(known(ITEM, nothing=answered(own, status=404)))

    assert verdict_on(findings, "nothing_found") == ("differs", "status 404")
    assert findings["nothing_found"].change == "account: absence_status = 404"
    assert findings["filter_customer_id"].verdict.value == "holds"


def test_a_404_in_the_words_of_a_gateway_is_no_answer() -> None:
    findings = found(known(ITEM, nothing=answered({"message": "Not Found"}, status=404)))

    assert verdict_on(findings, "nothing_found") == ("unproven", "no call had an empty answer")


def test_a_404_of_a_gateway_is_not() -> None:
    findings = found(always(answered(b"<html>", status=404)))

    assert verdict_on(findings, "filter_customer_id") == ("differs", "refused: status 404")
    assert verdict_on(findings, "error_form") == ("differs", "an HTML page")


def test_an_unknown_criterion_may_be_taken_for_one_that_nothing_fits() -> None:
    def script(request: Request) -> Answered:
        return answered([]) if "couponbus_probe" in request.query else known(ITEM)(request)

    assert verdict_on(found(script), "unknown_criterion") == (
        "differs",
        "none (status 200) instead of 1 barcode: taken for a filter",
    )


@pytest.mark.parametrize(
    ("body", "verdict", "evidence"),
    [
        ({"data": [ITEM], "errors": []}, "differs", "an object with data and errors"),
        (ITEM, "differs", "neither an array nor a known object"),
        ({"items": [ITEM]}, "differs", "neither an array nor a known object"),
        (b"<html>", "differs", "neither an array nor a known object"),
    ],
)
def test_other_shapes_of_a_list_are_reported(body: object, verdict: str, evidence: str) -> None:
    assert verdict_on(found(always(answered(body))), "list_shape") == (verdict, evidence)


def test_other_fields_are_reported() -> None:
    item = {
        **ITEM,
        "barcode_number": 2400,
        "customer_id": "7",
        "active": True,
        "created_datetime_utc": "15/05/2026 10:00",
        "expiry_date": "2026-05-15T00:00:00Z",
    }

    findings = found(known(item))

    assert verdict_on(findings, "identifying_fields") == (
        "differs",
        "barcode_number is an integer, offer_id is an integer, customer_id is text",
    )
    assert verdict_on(findings, "created_datetime_utc") == (
        "differs",
        "another form: 99/99/9999 99:99",
    )
    assert verdict_on(findings, "expiry_date") == ("differs", "ISO 8601 with an offset")
    assert verdict_on(findings, "optional_fields") == ("unproven", "all are there")


@pytest.mark.parametrize(
    ("customers", "verdict", "evidence"),
    [
        ([{"email": "ann@example.test"}], "differs", "customer_without_id"),
        ([{"id": 7}, {"id": 8}], "differs", "several_customers"),
        ([{"id": 8}], "unproven", "the e-mail is of another customer than --customer-id"),
        ([], "unproven", "no customer has this e-mail"),
    ],
)
def test_other_answers_about_customers_are_reported(
    customers: Sequence[object], verdict: str, evidence: str
) -> None:
    def script(request: Request) -> Answered:
        return answered(customers) if request.path == "/customer" else known(ITEM)(request)

    findings = found(script)

    assert verdict_on(findings, "customer_by_email") == (verdict, evidence)
    if customers:
        assert verdict_on(findings, "unknown_customer") == ("differs", "status 200, a list")


def test_an_announced_limit_is_reported() -> None:
    def script(request: Request) -> Answered:
        limits = {"X-RateLimit-Limit": "60", "RateLimit-Policy": "secret words"}
        return answered([ITEM], headers=limits if request.path == "/barcode" else {})

    assert verdict_on(found(script), "rate_limit") == ("differs", "X-RateLimit-Limit: 60")


def test_a_limit_in_other_words_is_not_repeated() -> None:
    answer = answered([ITEM], headers={"RateLimit-Policy": "words of theirs"})

    assert verdict_on(found(always(answer)), "rate_limit") == (
        "differs",
        "RateLimit-Policy: not a plain number",
    )


def test_everything_at_once_is_not_read() -> None:
    def script(request: Request) -> Answered:
        return known(ITEM)(request) if request.query else Failure.TOO_LARGE

    assert verdict_on(found(script), "no_criterion") == (
        "differs",
        "everything: too large to read",
    )


def test_a_first_answer_that_is_too_large_is_one() -> None:
    findings = found(lambda _asked: Failure.TOO_LARGE)

    assert verdict_on(findings, "authorization") == ("unproven", "no answer: answer_too_large")
    assert {each.verdict.value for each in findings.values()} == {"unproven", "differs", "holds"}


def test_a_provider_that_cannot_be_found_ends_it() -> None:
    with pytest.raises(Failed, match="no answer: name_not_resolved") as failed:
        found(lambda _asked: Failure.NAME_NOT_RESOLVED)

    assert failed.value.code == 3


def test_questions_without_an_answer_prove_nothing() -> None:
    counted = iter(range(99))

    def script(request: Request) -> Answered:
        return known(ITEM)(request) if next(counted) < 1 else Failure.DEADLINE

    findings = found(script, requests=REQUESTS)

    silent = {name for name, each in findings.items() if "deadline_passed" in each.evidence}
    assert {"wrong_key", "api_version", "no_criterion", "unknown_customer"} < silent
    assert {"issue_status", "duplicates", "batch_request", "batch_partial"} < silent
    assert not [each for each in findings.values() if each.verdict.value == "differs"]
