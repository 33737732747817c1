"""Behaviour of Koupon that its simulator does not have."""

import pytest

from couponbus.providers.http.failure import Failure
from couponbus.providers.koupon.credentials import Credentials
from couponbus_cli.probe.findings import Finding
from couponbus_cli.probe.koupon import KouponSample, probe_koupon
from tests.unit.cli.probe.scripted import Answered, Request, Script, answered, caller

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


def verdict_on(findings: dict[str, Finding], name: str) -> tuple[str, str]:
    return findings[name].verdict.value, findings[name].evidence


def listing(*offers: object, **more: object) -> Answered:
    return answered({"code": 200, "version": "2", "Offers": list(offers), **more})


def always(answer: Answered) -> Script:
    return lambda _asked: answer


def test_parameters_that_are_ignored_are_noticed() -> None:
    findings = found(always(listing(OFFER, SOON, version=2)), store="12")

    assert verdict_on(findings, "offer_list") == ("differs", "ignored: 2 offers")
    assert verdict_on(findings, "nothing_left") == ("differs", "ignored: 2 offers")
    assert verdict_on(findings, "todt") == ("differs", "ignored: 2 offers, though none can fit")
    assert verdict_on(findings, "channel") == ("differs", "ignored: 2 offers, though none can fit")
    assert verdict_on(findings, "geo_gating") == (
        "differs",
        "ignored: 2 of 2 offers, 1 not geogated",
    )
    assert verdict_on(findings, "publishedonly") == (
        "unproven",
        "no offer says when it is published",
    )
    assert verdict_on(findings, "bad_signature") == ("differs", "status 200")
    assert verdict_on(findings, "clock") == ("unproven", "the answer has no Date")
    assert verdict_on(findings, "version") == ("differs", "an integer")
    assert verdict_on(findings, "error_form") == ("unproven", "there was no error")
    assert verdict_on(findings, "summary") == ("unproven", "there is none")
    assert findings["valid_at_stores"].verdict.value == "unproven"


def test_parameters_that_are_refused_are_noticed() -> None:
    def script(request: Request) -> Answered:
        names = set(request.query) - {"identifier", "timestamp", "authSignature"}
        some = request.path.count("/") > 3
        if names or some:
            return answered({"message": "no"}, status=400)
        return listing(OFFER)

    findings = found(script)

    for name in ("offer_list", "nothing_left", "publishedonly", "todt", "channel", "geo_gating"):
        assert verdict_on(findings, name) == ("differs", "status 400")


def test_an_answer_without_content_is_an_empty_list() -> None:
    def script(request: Request) -> Answered:
        return answered(b"", status=204) if "channel" in request.query else listing(OFFER)

    assert verdict_on(found(script), "channel") == (
        "holds",
        "no offers (status 204) instead of 1 offer",
    )


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
    assert verdict_on(found(always(listing(OFFER, summary=summary))), "summary") == (
        verdict,
        evidence,
    )


def test_other_forms_of_dates_are_reported() -> None:
    complete = {
        **OFFER,
        "offerEnd": "2030-06-01T12:00:00Z",
        **dict.fromkeys(("secondaryImage", "displayStore", "redirect", "nativeAd"), "x"),
        **dict.fromkeys(("loyaltyCard", "cpg"), "x"),
    }

    findings = found(always(listing(complete)))

    assert verdict_on(findings, "dates") == ("differs", "ISO 8601 with an offset")
    assert verdict_on(findings, "absent_fields") == ("unproven", "all are there")
    assert verdict_on(findings, "timezone") == (
        "unproven",
        "no offer begins or ends at a midnight",
    )


def test_offers_without_dates_prove_nothing_of_them() -> None:
    findings = found(always(listing({"offerId": 5, "offerPublished": 7})))

    assert verdict_on(findings, "dates") == ("differs", "an integer")
    assert verdict_on(found(always(listing({"offerId": 5}))), "dates") == (
        "unproven",
        "no offer has a date",
    )


@pytest.mark.parametrize("date", ["yesterday", "x" * 99, "Mon, 01 Jun 2026 12:00:00 -0000"])
def test_a_date_that_means_nothing_is_no_clock(date: str) -> None:
    answer = answered({"Offers": []}, headers={"Date": date})

    verdict, evidence = verdict_on(found(always(answer)), "clock")

    expected = ("unproven", "the answer has no Date")
    if date.endswith("-0000"):
        expected = ("holds", "Koupon's is +0 s from ours")
    assert (verdict, evidence) == expected


def test_questions_without_an_answer_prove_nothing() -> None:
    counted = iter(range(99))

    def script(_asked: Request) -> Answered:
        return listing(OFFER) if next(counted) < 1 else Failure.DEADLINE

    findings = found(script, store="12")

    silent = {name for name, each in findings.items() if "deadline_passed" in each.evidence}
    assert {"bad_signature", "timestamp_of_4_minutes", "timestamp_of_10_minutes"} < silent
    assert {"offer_list", "nothing_left", "publishedonly", "todt", "geo_gating"} < silent
    assert not [each for each in findings.values() if each.verdict.value == "differs"]


def test_a_redirect_is_no_signature_that_is_accepted() -> None:
    answer = answered(b"", status=301)

    assert verdict_on(found(always(answer)), "signature") == ("unproven", "status 301")
