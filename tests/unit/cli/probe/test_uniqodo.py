"""What Uniqodo might do that its simulator does not."""

from couponbus.providers.http.failure import Failure
from couponbus_cli.probe.findings import Finding
from couponbus_cli.probe.uniqodo import UniqodoSample, probe_uniqodo
from tests.unit.cli.probe.scripted import Asked, Said, Script, caller, said

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


def told(findings: dict[str, Finding], name: str) -> tuple[str, str]:
    return findings[name].verdict.value, findings[name].evidence


def known(_asked: Asked) -> Said:
    data = {"redemption": {"records": [RECORD], "total": 1}, "offer": OFFER}
    return said({"data": data, "errors": []})


def test_a_server_that_answers_every_caller_about_everything_is_noticed() -> None:
    findings = found(known)

    assert told(findings, "wrong_key") == ("differs", "it is accepted")
    assert told(findings, "unknown_promotion") == ("differs", "status 200")
    assert told(findings, "unknown_user") == ("not told", "status 200")
    assert told(findings, "user_case") == ("differs", "known in the other case as well")
    assert told(findings, "error_codes") == ("not told", "no answer has an error")
    assert told(findings, "status_with_errors") == ("not told", "no answer has an error")


def test_other_forms_are_reported() -> None:
    findings = found(known)

    assert told(findings, "record_id") == ("differs", "text")
    assert told(findings, "redeemed_at") == ("differs", "another form: 99/99/9999")
    assert told(findings, "offer_dates") == ("differs", "YYYY-MM-DD")
    assert told(findings, "no_expiry") == ("differs", "null")
    assert told(findings, "result") == ("differs", "absent")
    assert findings["zone"].verdict.value == "not told"


def test_an_unknown_user_may_come_with_an_offer_or_another_error() -> None:
    def script(asked: Asked) -> Said:
        if "nobody" not in asked.query["userId"]:
            return known(asked)
        return said({"data": {"offer": OFFER}, "errors": [{"code": 301}]})

    findings = found(script)

    assert told(findings, "unknown_user") == (
        "differs",
        "status 200, error 301, without a reference",
    )
    assert findings["body"].verdict.value == "holds"


def test_pages_tell_nothing() -> None:
    findings = found(lambda _asked: said(b"<html>", status=404))

    assert told(findings, "key") == ("differs", "status 404, the same answer as to a wrong key")
    assert told(findings, "data") == ("not told", "status 404")
    assert told(findings, "prefix") == (
        "not told",
        "status 404, and status 404 for /distributor",
    )


def test_data_without_anything_tells_little() -> None:
    findings = found(lambda _asked: said({"data": {"x": 1}, "errors": [{"code": 204}]}))

    assert told(findings, "body") == ("not told", "there are no records anywhere")
    assert told(findings, "total") == ("not told", "there is no total")
    assert told(findings, "result") == (
        "not told",
        "no success: give a --user with a code that can still be used",
    )
    assert told(findings, "offer") == ("not told", "no answer that should have it")


def test_questions_without_an_answer_tell_nothing() -> None:
    counted = iter(range(99))

    def script(asked: Asked) -> Said:
        return known(asked) if next(counted) < 1 else Failure.DEADLINE

    findings = found(script)

    silent = {name for name, each in findings.items() if "deadline_passed" in each.evidence}
    assert {"wrong_key", "unknown_promotion", "unknown_user", "user_case"} <= silent


def test_a_first_answer_that_cannot_be_read_is_left_open() -> None:
    findings = found(lambda _asked: Failure.ENCODED)

    assert told(findings, "key") == ("not told", "no answer: answer_encoded")
