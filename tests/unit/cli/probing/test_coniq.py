"""What Coniq might do that its simulator does not."""

from collections.abc import Sequence

import pytest

from cli.failing import Failed
from cli.probing.coniq import probe_coniq
from cli.probing.coniq_issuing import Wishes
from cli.probing.coniq_questions import Sample
from cli.probing.findings import Finding
from couponbus.domain.barcode import Channel
from couponbus.providers.failure import Failure
from couponbus.providers.http import HttpAnswer
from tests.unit.cli.probing.scripted import Asked, Said, Script, caller, said

SAMPLE = Sample(customer_id=7, offer_id=101, email="ann@example.test")
WISHES = Wishes(sample=SAMPLE, channel=Channel.PAPER, run="0" * 32)
ITEM = {"barcode_number": "2400", "offer_id": 101, "customer_id": 7, "tracking_code": "t1"}
STRANGER = {**ITEM, "customer_id": 8}
BAD = said({"code": 400, "message": "no", "errors": []}, status=400)


def found(script: Script, *, wishes: Wishes | None = None) -> dict[str, Finding]:
    findings = probe_coniq(
        caller(script),
        base_url="http://127.0.0.1:1",
        api_key="test-key-not-real",
        sample=SAMPLE,
        wishes=wishes,
    )
    return {each.name: each for each in findings}


def told(findings: dict[str, Finding], name: str) -> tuple[str, str]:
    return findings[name].verdict.value, findings[name].evidence


def always(answer: HttpAnswer) -> Script:
    return lambda _asked: answer


def known(*items: object, nothing: HttpAnswer | None = None) -> Script:
    """Answer with these items to a question that nothing impossible was added to."""

    def script(asked: Asked) -> Said:
        if "not-a-key" in asked.headers["Authorization"]:
            return said({"message": "no"}, status=403)
        impossible = ("2147483647", "nobody.invalid", "probe-nothing")
        if any(part in value for value in asked.query.values() for part in impossible):
            return nothing or said([])
        return said(list(items))

    return script


def test_a_list_of_everybody_is_a_filter_that_is_ignored() -> None:
    findings = found(always(said([STRANGER, ITEM])))

    for name in ("filter_customer_id", "filter_customer_email"):
        assert told(findings, name) == (
            "differs",
            "ignored: 2 barcodes for somebody who does not exist",
        )
    assert findings["filter_tracking_code"].verdict.value == "differs"
    assert told(findings, "no_criterion") == ("differs", "answered: 2 barcodes")
    assert told(findings, "wrong_key") == ("differs", "status 200")
    assert findings["wrong_key"].change == "ask Coniq: any key is let in"
    assert told(findings, "api_version") == ("differs", "status 200")
    assert told(findings, "error_form") == ("not told", "there was no error")
    assert told(findings, "nothing_found") == ("not told", "no question had an empty answer")


def test_strangers_among_the_answers_are_noticed() -> None:
    findings = found(known(STRANGER, ITEM))

    assert told(findings, "filter_customer_id") == (
        "differs",
        "ignored: 2 barcodes, also of other customers",
    )


def test_codes_of_others_among_the_answers_are_noticed() -> None:
    findings = found(known({**ITEM, "tracking_code": "t2"}, ITEM))

    assert told(findings, "filter_tracking_code") == (
        "differs",
        "ignored: 2 barcodes, also with other codes",
    )


def test_a_404_in_coniqs_words_is_nothing_found() -> None:
    findings = found(known(ITEM, nothing=said({"message": "Not Found"}, status=404)))

    assert told(findings, "nothing_found") == ("differs", "status 404")
    assert findings["filter_customer_id"].verdict.value == "holds"


def test_a_404_of_a_gateway_is_not() -> None:
    findings = found(always(said(b"<html>", status=404)))

    assert told(findings, "filter_customer_id") == ("differs", "refused: status 404")
    assert told(findings, "error_form") == ("differs", "an HTML page")


def test_an_unknown_criterion_may_be_taken_for_one_that_nothing_fits() -> None:
    def script(asked: Asked) -> Said:
        return said([]) if "couponbus_probe" in asked.query else known(ITEM)(asked)

    assert told(found(script), "unknown_criterion") == (
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
def test_other_shapes_of_a_list_are_told(body: object, verdict: str, evidence: str) -> None:
    assert told(found(always(said(body))), "list_shape") == (verdict, evidence)


def test_other_fields_are_told() -> None:
    item = {
        **ITEM,
        "barcode_number": 2400,
        "customer_id": "7",
        "active": True,
        "created_datetime_utc": "15/05/2026 10:00",
        "expiry_date": "2026-05-15T00:00:00Z",
    }

    findings = found(known(item))

    assert told(findings, "identifying_fields") == (
        "differs",
        "barcode_number is an integer, offer_id is an integer, customer_id is text",
    )
    assert told(findings, "created_datetime_utc") == (
        "differs",
        "another form: 99/99/9999 99:99",
    )
    assert told(findings, "expiry_date") == ("differs", "ISO 8601 with an offset")
    assert told(findings, "optional_fields") == ("not told", "all are there")


@pytest.mark.parametrize(
    ("customers", "verdict", "evidence"),
    [
        ([{"email": "ann@example.test"}], "differs", "customer_without_id"),
        ([{"id": 7}, {"id": 8}], "differs", "several_customers"),
        ([{"id": 8}], "not told", "the e-mail is of another customer than --customer-id"),
        ([], "not told", "nobody has this e-mail"),
    ],
)
def test_other_answers_about_customers_are_told(
    customers: Sequence[object], verdict: str, evidence: str
) -> None:
    def script(asked: Asked) -> Said:
        return said(customers) if asked.path == "/customer" else known(ITEM)(asked)

    findings = found(script)

    assert told(findings, "customer_by_email") == (verdict, evidence)
    if customers:
        assert told(findings, "unknown_customer") == ("differs", "status 200, a list")


def test_an_announced_limit_is_told() -> None:
    def script(asked: Asked) -> Said:
        heard = {"X-RateLimit-Limit": "60", "RateLimit-Policy": "secret words"}
        return said([ITEM], headers=heard if asked.path == "/barcode" else {})

    assert told(found(script), "rate_limit") == ("differs", "X-RateLimit-Limit: 60")


def test_a_limit_in_other_words_is_not_repeated() -> None:
    answer = said([ITEM], headers={"RateLimit-Policy": "words of theirs"})

    assert told(found(always(answer)), "rate_limit") == (
        "differs",
        "RateLimit-Policy: not a plain number",
    )


def test_everything_at_once_is_not_read() -> None:
    def script(asked: Asked) -> Said:
        return known(ITEM)(asked) if asked.query else Failure.TOO_LARGE

    assert told(found(script), "no_criterion") == (
        "differs",
        "everything: more than is worth reading",
    )


def test_a_first_answer_that_is_too_large_is_one() -> None:
    findings = found(lambda _asked: Failure.TOO_LARGE)

    assert told(findings, "authorization") == ("not told", "no answer: answer_too_large")
    assert {each.verdict.value for each in findings.values()} == {"not told", "differs", "holds"}


def test_a_provider_that_cannot_be_found_ends_it() -> None:
    with pytest.raises(Failed, match="no answer: name_not_resolved") as failed:
        found(lambda _asked: Failure.NAME_NOT_RESOLVED)

    assert failed.value.code == 3


def test_questions_without_an_answer_tell_nothing() -> None:
    counted = iter(range(99))

    def script(asked: Asked) -> Said:
        return known(ITEM)(asked) if next(counted) < 1 else Failure.DEADLINE

    findings = found(script, wishes=WISHES)

    silent = {name for name, each in findings.items() if "deadline_passed" in each.evidence}
    assert {"wrong_key", "api_version", "no_criterion", "unknown_customer"} < silent
    assert {"issue_status", "duplicates", "batch_request", "batch_partial"} < silent
    assert not [each for each in findings.values() if each.verdict.value == "differs"]


def writing(answer_to: Script) -> Script:
    def script(asked: Asked) -> Said:
        return answer_to(asked) if asked.method == "POST" else known(ITEM)(asked)

    return script


def test_an_issue_that_is_refused_tells_little() -> None:
    findings = found(writing(always(BAD)), wishes=WISHES)

    assert told(findings, "issue_status") == ("differs", "status 400")
    assert told(findings, "tracking_code_length") == (
        "not told",
        "a shorter one is refused as well",
    )
    assert told(findings, "tracking_code_echo") == ("not told", "status 400")
    assert told(findings, "duplicates") == ("not told", "status 400, then status 400")
    assert told(findings, "created_is_utc") == ("not told", "no time that can be read")


@pytest.mark.parametrize(
    ("came", "evidence"),
    [("probe-00000", "cut to 11 characters"), (None, "null"), ("other", "another code")],
)
def test_what_becomes_of_a_tracking_code_is_told(came: str | None, evidence: str) -> None:
    answer = said({**ITEM, "tracking_code": came}, status=201)

    assert told(found(writing(always(answer)), wishes=WISHES), "tracking_code_echo") == (
        "differs",
        evidence,
    )


def test_a_time_in_another_zone_is_told() -> None:
    item = {**ITEM, "created_datetime_utc": "2026-06-01T14:00:00"}
    answer = said(item, status=201, headers={"Date": "Mon, 01 Jun 2026 12:00:00 GMT"})

    findings = found(writing(always(answer)), wishes=WISHES)

    assert told(findings, "created_is_utc") == (
        "differs",
        "+2.0 hours from the answer's Date (an old one, or no UTC)",
    )


def test_a_batch_that_is_refused_whole_may_have_been_carried_out() -> None:
    def answer(asked: Asked) -> Said:
        if asked.path == "/barcode":
            return said(ITEM, status=201)
        if "NO_SUCH_CHANNEL" in str(asked.body):
            return BAD
        assert isinstance(asked.body, list)
        return said([{**ITEM, **wish} for wish in asked.body], status=201)

    def script(asked: Asked) -> Said:
        if asked.method == "POST":
            return answer(asked)
        issued = [{**ITEM, "tracking_code": WISHES.code(name)} for name in ("good", "first")]
        return known(*issued)(asked)

    findings = found(script, wishes=WISHES)

    assert told(findings, "batch_partial") == ("differs", "status 400, the other was issued")
    assert told(findings, "item_errors") == ("not told", "no answer had an item with an error")
    assert findings["batch_request"].verdict.value == "holds"
    assert told(findings, "visible_at_once") == ("differs", "2 barcodes")
    assert findings["list_is_whole"].verdict.value == "not told"


def test_a_bad_item_may_vanish_from_the_answer() -> None:
    def answer(asked: Asked) -> Said:
        if asked.path == "/barcode":
            return said(ITEM, status=201)
        return said([], status=200) if "NO_SUCH_CHANNEL" in str(asked.body) else said(b"odd")

    findings = found(writing(answer), wishes=WISHES)

    assert told(findings, "batch_partial") == ("differs", "status 200, the other was not found")
    assert told(findings, "item_errors") == ("not told", "no answer had an item with an error")
    assert told(findings, "batch_request") == ("not told", "status 200")
