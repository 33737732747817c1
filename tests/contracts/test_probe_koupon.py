"""`couponbus probe koupon` finds out how the simulator is configured, in each of its modes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from couponbus_sandbox.koupon import (
    FaultKind,
    FaultRule,
    KouponSandbox,
    KouponSettings,
    Offer,
    koupon_server,
)
from tests.unit.cli.probe.running import Report, probe, run

ANN = "ann+probe@example.test"
NOW = datetime.now(UTC)
SUMMER = datetime(2025, 7, 1, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[KouponSandbox]:
    with koupon_server(KouponSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: KouponSandbox) -> KouponSandbox:
    """Return a Koupon that also has an offer from the summer, and one that is not published yet."""
    running.reset()
    running.add_offers(
        Offer(offer_id=1290, starts=SUMMER),
        Offer(offer_id=1291, published=datetime(2089, 1, 1, 6, tzinfo=UTC)),
    )
    return running


def look(sandbox: KouponSandbox, *options: str, store: str | None = "12") -> Report:
    asked = () if store is None else ("--store", store)
    return probe("koupon", "--base-url", sandbox.url, "--consumer", ANN, *asked, *options)


def test_everything_holds_that_the_simulator_was_built_on(sandbox: KouponSandbox) -> None:
    report = look(sandbox)

    assert report.code == 0
    assert report.differing == {}
    assert report.unproven == {}
    assert report.calls == 13
    assert len(report.findings) == 23
    assert report.holding["publishedonly"] == (
        "6 of 6 published ones and 0 of 1 future ones let through"
    )
    assert {str(call["route"])[:4] for call in sandbox.calls()} == {"GET "}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"signature_ttl_seconds": 60}, {"timestamp_of_4_minutes": "status 401"}),
        ({"signature_ttl_seconds": 3600}, {"timestamp_of_10_minutes": "status 200"}),
        ({"after_signature": "refuse"}, {"behind_signature": "status 401"}),
        ({"accept": "any"}, {"accept": "status 200"}),
        ({"timezone": "UTC"}, {"timezone": "0 of 3 dates are at a midnight, but 3"}),
        ({"publishedonly": "literal"}, {"publishedonly": "0 of 6 published ones and 1 of 1"}),
        ({"unknown_ids": "not_found"}, {"offer_list": "one unknown id hides the others"}),
        ({"nothing_left": "empty"}, {"nothing_left": "no offers (status 200)"}),
        ({"code": "string"}, {"code": "text"}),
        ({"offer_id": "string"}, {"offer_id": "text"}),
        ({"valid_at_stores": "ids"}, {"valid_at_stores": "text"}),
        ({"error_style": "errors"}, {"error_form": "a list of errors and no message"}),
        ({"error_style": "store_connect"}, {"error_form": "errorCode and errorMessage"}),
        (
            {"error_style": "text"},
            {"error_form": "plain text", "nothing_left": "status 404"},
        ),
    ],
)
def test_each_mode_is_found(
    sandbox: KouponSandbox, settings: dict[str, object], expected: dict[str, str]
) -> None:
    sandbox.change(**settings)

    assert_differing(look(sandbox), expected)


@pytest.mark.parametrize(
    ("settings", "name", "evidence"),
    [
        ({"absent_fields": "omit"}, "absent_fields", "absent"),
        ({"absent_fields": "null"}, "absent_fields", "null"),
        ({"version": "2.1"}, "version", "text"),
    ],
)
def test_modes_that_couponbus_takes_alike_are_reported_in_the_evidence(
    sandbox: KouponSandbox, settings: dict[str, object], name: str, evidence: str
) -> None:
    sandbox.change(**settings)

    report = look(sandbox)

    assert report.differing == {}
    assert report.holding[name] == evidence


@pytest.mark.parametrize("seconds", [1000, -1000])
def test_a_clock_that_is_wrong_is_distinguished_from_a_signature_that_is(
    sandbox: KouponSandbox, seconds: int
) -> None:
    sandbox.change(clock_skew_seconds=seconds)

    report = look(sandbox)

    assert_differing(report, {"clock": f"Koupon's is {'+' if seconds > 0 else '-'}"})
    assert report.holding["signature"] == "status 200 with Koupon's own time"
    assert report.holding["timestamp_of_4_minutes"] == "status 200"
    assert report.holding["timestamp_of_10_minutes"] == "status 401"


def test_a_small_difference_of_clocks_is_no_hindrance(sandbox: KouponSandbox) -> None:
    sandbox.change(clock_skew_seconds=100)

    assert_differing(look(sandbox), {"clock": "s from ours"})


def test_a_server_that_verifies_another_scheme_is_found(sandbox: KouponSandbox) -> None:
    sandbox.change(public_base_url=f"https://{urlsplit(sandbox.url).netloc}")

    report = look(sandbox)

    assert_differing(report, {"signature": "status 200 only where http and https are exchanged"})
    assert report.unproven == {}


def test_a_refused_signature_ends_the_questions(sandbox: KouponSandbox) -> None:
    environment = {
        "COUPONBUS_KOUPON_IDENTIFIER": "test-identifier",
        "COUPONBUS_KOUPON_SECRET": "another-test-secret",
    }

    report = probe("koupon", "--base-url", sandbox.url, "--consumer", ANN, environment=environment)

    assert_differing(report, {"signature": "status 401"})
    assert report.calls == 2
    assert report.unproven["publishedonly"] == "not tested: the signature was refused"


def test_a_wrong_clock_and_a_wrong_secret_are_both_reported(sandbox: KouponSandbox) -> None:
    sandbox.change(clock_skew_seconds=1000, public_base_url="http://elsewhere.example.test")

    report = look(sandbox)

    assert_differing(report, {"clock": "s from ours", "signature": "status 401"})
    assert report.calls == 3


@pytest.mark.parametrize("zone", ["Europe/London", "UTC", "Asia/Tokyo"])
def test_what_is_listed_is_not_over_in_the_true_zone(sandbox: KouponSandbox, zone: str) -> None:
    sandbox.change(timezone="America/Los_Angeles")
    sandbox.add_offers(Offer(offer_id=1295, ends=NOW + timedelta(hours=1)))

    report = look(sandbox, "--timezone", zone)

    assert_differing(report, {"timezone": "1 listed offer would be over already"})
    assert "possible: " in report.differing["timezone"]
    assert "America/Los_Angeles" in report.differing["timezone"]
    assert "London" not in report.differing["timezone"]


def test_dates_at_odd_hours_prove_no_zone(sandbox: KouponSandbox) -> None:
    for offer_id in (1281, 1282, 1283, 1284, 1285, 1286, 1287, 1291):
        sandbox.remove_offer(offer_id)
    odd = datetime(2026, 1, 1, 3, 17, 5, tzinfo=UTC)
    sandbox.add_offers(Offer(offer_id=1290, starts=odd, ends=odd.replace(year=2080)))

    assert "midnight" in look(sandbox).unproven["timezone"]


def test_without_a_store_or_offers_some_stays_open(sandbox: KouponSandbox) -> None:
    for offer_id in (1281, 1282, 1283, 1284, 1285, 1286, 1287, 1290, 1291):
        sandbox.remove_offer(offer_id)

    report = look(sandbox, store=None)

    assert report.code == 0
    open_ones = {"offer_id", "dates", "absent_fields", "offer_list", "publishedonly", "todt"}
    assert open_ones < report.unproven.keys()
    assert report.unproven["valid_at_stores"] == "give --store"


def test_an_offer_that_is_not_listed_hides_nothing(sandbox: KouponSandbox) -> None:
    report = look(sandbox, "--offer", "4711", store="none")

    assert report.unproven["offer_list"] == "no offers (status 404)"
    assert "none with stores" in report.unproven["valid_at_stores"]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (FaultRule(kind=FaultKind.RATE_LIMITED, after=6), 3),
        (FaultRule(kind=FaultKind.SERVER_ERROR, after=6), 0),
        (FaultRule(kind=FaultKind.HTML, after=6), 0),
    ],
)
def test_what_got_no_usable_answer_is_not_reported(
    sandbox: KouponSandbox, rule: FaultRule, code: int
) -> None:
    sandbox.faults(rule)

    report = look(sandbox)

    assert report.code == code
    assert {"offer_list", "todt", "channel", "publishedonly"} <= report.unproven.keys()


def test_nothing_of_the_consumer_or_the_credentials_is_shown(sandbox: KouponSandbox) -> None:
    sandbox.change(error_style="text", timezone="UTC")
    found = [ANN, "ann%2B", "ann+", "test-identifier", "test-secret", "1281"]

    for options in ((), ("--json",)):
        arguments = ("--base-url", sandbox.url, "--consumer", ANN, "--store", "12", *options)
        shell = run("koupon", *arguments)

        assert shell.err == ""
        for secret in (*found, "tobacco", "Leaf"):
            assert secret not in shell.out


def assert_differing(report: Report, expected: dict[str, str]) -> None:
    assert report.differing.keys() == expected.keys()
    for name, evidence in expected.items():
        assert evidence in report.differing[name]
        assert report.findings[name].change
    assert report.code == 1
