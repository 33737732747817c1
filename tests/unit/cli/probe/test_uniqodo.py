"""Behaviour of Uniqodo that its simulator does not have."""

from couponbus.providers.http.failure import Failure
from couponbus_cli.probe.findings import Finding
from couponbus_cli.probe.uniqodo import UniqodoSample, probe_uniqodo
from tests.unit.cli.probe.scripted import Answered, Request, Script, answered, caller

RECORD = {"id": "17", "order_value": 1, "discount_value": 0.5, "redeemed_at": "15/05/2019"}
OFFER = {"start_date": "2019-05-15", "code_expiry": None}


def found(script: Script) -> dict[str, Finding]:
    findings = probe_uniqodo(
        caller(script),
        base_url="http://127.0.0.1:1",
        api_key="test-key-not-real",
        sample=UniqodoSample(promotion="0a" * 16, users=["ann"]),
    )
    return {each.name: each for each in findings}


def verdict_on(findings: dict[str, Finding], name: str) -> tuple[str, str]:
    return findings[name].verdict.value, findings[name].evidence


def known(_asked: Request) -> Answered:
    data = {"redemption": {"records": [RECORD], "total": 1}, "offer": OFFER}
    return answered({"data": data, "errors": []})


def test_a_server_that_answers_every_caller_about_everything_is_noticed() -> None:
    findings = found(known)

    assert verdict_on(findings, "wrong_key") == ("differs", "it is accepted")
    assert verdict_on(findings, "unknown_promotion") == ("differs", "status 200")
    assert verdict_on(findings, "unknown_user") == ("unproven", "status 200")
    assert verdict_on(findings, "user_case") == ("differs", "known in the other case as well")
    assert verdict_on(findings, "error_codes") == ("unproven", "no answer has an error")
    assert verdict_on(findings, "status_with_errors") == ("unproven", "no answer has an error")


def test_other_forms_are_reported() -> None:
    findings = found(known)

    assert verdict_on(findings, "record_id") == ("differs", "text")
    assert verdict_on(findings, "redeemed_at") == ("differs", "another form: 99/99/9999")
    assert verdict_on(findings, "offer_dates") == ("differs", "YYYY-MM-DD")
    assert verdict_on(findings, "no_expiry") == ("differs", "null")
    assert verdict_on(findings, "result") == ("differs", "absent")
    assert findings["zone"].verdict.value == "unproven"


def test_an_unknown_user_may_come_with_an_offer_or_another_error() -> None:
    def script(request: Request) -> Answered:
        if "unknown" not in request.query["userId"]:
            return known(request)
        return answered({"data": {"offer": OFFER}, "errors": [{"code": 301}]})

    findings = found(script)

    assert verdict_on(findings, "unknown_user") == (
        "differs",
        "status 200, error 301, without a reference",
    )
    assert findings["body"].verdict.value == "holds"


def test_pages_prove_nothing() -> None:
    findings = found(lambda _asked: answered(b"<html>", status=404))

    assert verdict_on(findings, "key") == (
        "differs",
        "status 404, the same answer as to a wrong key",
    )
    assert verdict_on(findings, "data") == ("unproven", "status 404")
    assert verdict_on(findings, "prefix") == (
        "unproven",
        "status 404, and status 404 for /distributor",
    )


def test_data_without_anything_proves_little() -> None:
    findings = found(lambda _asked: answered({"data": {"x": 1}, "errors": [{"code": 204}]}))

    assert verdict_on(findings, "body") == ("unproven", "there are no records anywhere")
    assert verdict_on(findings, "total") == ("unproven", "there is no total")
    assert verdict_on(findings, "result") == (
        "unproven",
        "no success: give a --user with a code that can still be used",
    )
    assert verdict_on(findings, "offer") == ("unproven", "no answer that should have it")


def test_questions_without_an_answer_prove_nothing() -> None:
    counted = iter(range(99))

    def script(request: Request) -> Answered:
        return known(request) if next(counted) < 1 else Failure.DEADLINE

    findings = found(script)

    silent = {name for name, each in findings.items() if "deadline_passed" in each.evidence}
    assert {"wrong_key", "unknown_promotion", "unknown_user", "user_case"} <= silent


def test_a_first_answer_that_cannot_be_read_is_left_open() -> None:
    findings = found(lambda _asked: Failure.ENCODED)

    assert verdict_on(findings, "key") == ("unproven", "no answer: answer_encoded")
