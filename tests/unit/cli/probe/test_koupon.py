"""What Koupon might do that its simulator does not."""

import pytest

from couponbus.providers.http.failure import Failure
from couponbus.providers.koupon.credentials import Credentials
from couponbus_cli.probe.findings import Finding
from couponbus_cli.probe.koupon import KouponSample, probe_koupon
from tests.unit.cli.probe.scripted import Asked, Said, Script, caller, said

OFFER = {"offerId": 5, "geogating": False, "offerEnd": "06-01-30 11:59:59 PM"}
SOON = {**OFFER, "offerId": 6, "geogating": True}


def found(script: Script, *, store: str | None = None) -> dict[str, Finding]:
    findings = probe_koupon(
        caller(script),
        base_url="http://127.0.0.1:1",
        credentials=Credentials(identifier="test-identifier", secret="test-secret"),
        sample=KouponSample(consumer="ann", store_id=store),
    )
    return {each.name: each for each in findings}


def told(findings: dict[str, Finding], name: str) -> tuple[str, str]:
    return findings[name].verdict.value, findings[name].evidence


def listing(*offers: object, **more: object) -> Said:
    return said({"code": 200, "version": "2", "Offers": list(offers), **more})


def always(answer: Said) -> Script:
    return lambda _asked: answer


def test_parameters_that_are_ignored_are_noticed() -> None:
    findings = found(always(listing(OFFER, SOON, version=2)), store="12")

    assert told(findings, "offer_list") == ("differs", "ignored: 2 offers")
    assert told(findings, "nothing_left") == ("differs", "ignored: 2 offers")
    assert told(findings, "todt") == ("differs", "ignored: 2 offers, though none can fit")
    assert told(findings, "channel") == ("differs", "ignored: 2 offers, though none can fit")
    assert told(findings, "geo_gating") == ("differs", "ignored: 2 of 2 offers, 1 not geogated")
    assert told(findings, "publishedonly") == ("not told", "no offer says when it is published")
    assert told(findings, "bad_signature") == ("differs", "status 200")
    assert told(findings, "clock") == ("not told", "the answer has no Date")
    assert told(findings, "version") == ("differs", "an integer")
    assert told(findings, "error_form") == ("not told", "there was no error")
    assert told(findings, "summary") == ("not told", "there is none")
    assert findings["valid_at_stores"].verdict.value == "not told"


def test_parameters_that_are_refused_are_noticed() -> None:
    def script(asked: Asked) -> Said:
        names = set(asked.query) - {"identifier", "timestamp", "authSignature"}
        some = asked.path.count("/") > 3
        if names or some:
            return said({"message": "no"}, status=400)
        return listing(OFFER)

    findings = found(script)

    for name in ("offer_list", "nothing_left", "publishedonly", "todt", "channel", "geo_gating"):
        assert told(findings, name) == ("differs", "status 400")


def test_an_answer_without_content_is_an_empty_list() -> None:
    def script(asked: Asked) -> Said:
        return said(b"", status=204) if "channel" in asked.query else listing(OFFER)

    assert told(found(script), "channel") == ("holds", "no offers (status 204) instead of 1 offer")


@pytest.mark.parametrize(
    ("summary", "verdict", "evidence"),
    [
        ({"numCoupon": "1"}, "differs", "a count is text"),
        (
            {"numCoupon": 2, "numNativeAd": 0, "numRedirect": 0, "numLoyaltyCard": 0},
            "differs",
            "2 counted, 1 listed",
        ),
    ],
)
def test_a_summary_that_does_not_fit_is_noticed(
    summary: object, verdict: str, evidence: str
) -> None:
    assert told(found(always(listing(OFFER, summary=summary))), "summary") == (verdict, evidence)


def test_other_forms_of_dates_are_reported() -> None:
    complete = {
        **OFFER,
        "offerEnd": "2030-06-01T12:00:00Z",
        **dict.fromkeys(("secondaryImage", "displayStore", "redirect", "nativeAd"), "x"),
        **dict.fromkeys(("loyaltyCard", "cpg"), "x"),
    }

    findings = found(always(listing(complete)))

    assert told(findings, "dates") == ("differs", "ISO 8601 with an offset")
    assert told(findings, "absent_fields") == ("not told", "all are there")
    assert told(findings, "timezone") == (
        "not told",
        "no offer begins or ends at a midnight",
    )


def test_offers_without_dates_tell_nothing_of_them() -> None:
    findings = found(always(listing({"offerId": 5, "offerPublished": 7})))

    assert told(findings, "dates") == ("differs", "an integer")
    assert told(found(always(listing({"offerId": 5}))), "dates") == (
        "not told",
        "no offer has a date",
    )


@pytest.mark.parametrize("date", ["yesterday", "x" * 99, "Mon, 01 Jun 2026 12:00:00 -0000"])
def test_a_date_that_means_nothing_is_no_clock(date: str) -> None:
    answer = said({"Offers": []}, headers={"Date": date})

    verdict, evidence = told(found(always(answer)), "clock")

    expected = ("not told", "the answer has no Date")
    if date.endswith("-0000"):
        expected = ("holds", "Koupon's is +0 s from ours")
    assert (verdict, evidence) == expected


def test_questions_without_an_answer_tell_nothing() -> None:
    counted = iter(range(99))

    def script(_asked: Asked) -> Said:
        return listing(OFFER) if next(counted) < 1 else Failure.DEADLINE

    findings = found(script, store="12")

    silent = {name for name, each in findings.items() if "deadline_passed" in each.evidence}
    assert {"bad_signature", "timestamp_of_4_minutes", "timestamp_of_10_minutes"} < silent
    assert {"offer_list", "nothing_left", "publishedonly", "todt", "geo_gating"} < silent
    assert not [each for each in findings.values() if each.verdict.value == "differs"]


def test_a_redirect_is_no_signature_that_is_accepted() -> None:
    answer = said(b"", status=301)

    assert told(found(always(answer)), "signature") == ("not told", "status 301")
