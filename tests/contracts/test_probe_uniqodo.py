"""`couponbus probe uniqodo` finds out how the simulator is configured, in each of its modes."""

from collections.abc import Iterator

import pytest

from couponbus_sandbox.uniqodo import (
    ODD,
    ONE_USE,
    THREE_USES,
    FaultKind,
    FaultRule,
    NewRedemption,
    Promotion,
    QueryError,
    UniqodoSandbox,
    UniqodoSettings,
    uniqodo_server,
)
from tests.unit.cli.probe.running import KEY, Report, probe, run

REDEEMED, UNUSED = "ABC123", "issued@example.com"


@pytest.fixture(scope="module")
def running() -> Iterator[UniqodoSandbox]:
    with uniqodo_server(UniqodoSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: UniqodoSandbox) -> UniqodoSandbox:
    running.reset()
    return running


def look(
    sandbox: UniqodoSandbox, *users: str, promotion: str = ONE_USE, zone: str = "Europe/London"
) -> Report:
    named = [part for user in users or (REDEEMED, UNUSED) for part in ("--user", user)]
    where = ("--base-url", sandbox.url, "--promotion", promotion, "--zone", zone)
    return probe("uniqodo", *where, *named)


def test_everything_holds_that_the_simulator_was_built_on(sandbox: UniqodoSandbox) -> None:
    report = look(sandbox)

    assert report.code == 0
    assert report.differing == {}
    assert report.unproven == {}
    assert report.calls == 7
    assert len(report.findings) == 23
    assert report.holding["prefix"] == "both work"
    assert report.holding["zone"].endswith("not in America/New_York and UTC")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"body": "totals"}, {"body": "data itself, beside totals of money"}),
        ({"result_on_success": "absent"}, {"result": "absent"}),
        ({"auth_status": 200}, {"wrong_key": "status 200"}),
        ({"auth_status": 403}, {"wrong_key": "status 403"}),
        ({"auth_status": 404}, {"wrong_key": "status 404"}),
        ({"unknown_promotion_status": 200}, {"unknown_promotion": "status 200"}),
        ({"error_status": 404}, {"status_with_errors": "status 404"}),
        ({"error_status": 403}, {"status_with_errors": "status 403"}),
        ({"data": "null"}, {"data": "null"}),
        ({"data": "missing"}, {"data": "absent"}),
        ({"offer": "null"}, {"offer": "null"}),
        ({"offer": "missing"}, {"offer": "absent"}),
        ({"records": "null"}, {"records": "null"}),
        ({"records": "missing"}, {"records": "absent"}),
        ({"errors": "null"}, {"errors": "null"}),
        ({"errors": "missing"}, {"errors": "absent"}),
        ({"total_offset": 1}, {"total": "3 of 3 answers have another number"}),
        ({"redeemed_at_style": "naive"}, {"redeemed_at": "ISO 8601 without an offset"}),
    ],
)
def test_each_mode_is_found(
    sandbox: UniqodoSandbox, settings: dict[str, object], expected: dict[str, str]
) -> None:
    sandbox.change(**settings)

    report = look(sandbox)

    # Where the records are hidden, the total counts more than is listed.
    also = {"total": "answers have another number"} if "records" in settings else {}
    assert_differing(report, expected | also)


@pytest.mark.parametrize(
    ("reference", "evidence"),
    [
        (None, "status 200, error 204, without a reference"),
        ("REFERENCE1", "status 200, error 204, with a reference"),
    ],
)
def test_whether_an_unknown_user_has_a_reference_is_reported(
    sandbox: UniqodoSandbox, reference: str | None, evidence: str
) -> None:
    sandbox.change(reference=reference)

    report = look(sandbox)

    assert report.code == 0
    assert report.holding["unknown_user"] == evidence


@pytest.mark.parametrize(
    ("refused", "evidence"),
    [
        ("publisher", "status 401, but status 200 for /distributor"),
        ("distributor", "/distributor: status 401"),
    ],
)
def test_the_prefix_that_works_is_found(
    sandbox: UniqodoSandbox, refused: str, evidence: str
) -> None:
    route = f"GET /{refused}/{{key}}/query/user-redemption/{{promotion}}"
    sandbox.faults(FaultRule(kind=FaultKind.UNAUTHORIZED, route=route))

    report = look(sandbox)

    assert report.findings["prefix"].evidence == evidence
    assert report.differing.keys() == ({"prefix"} if refused == "publisher" else set())
    assert "records" in report.holding


@pytest.mark.parametrize(
    ("status", "evidence"),
    [
        (401, "status 401"),
        (403, "status 403"),
        (404, "status 404, the same answer as to a wrong key"),
        (200, "status 200, the same answer as to a wrong key"),
    ],
)
def test_a_refused_key_is_found_whatever_its_status(
    sandbox: UniqodoSandbox, status: int, evidence: str
) -> None:
    sandbox.change(auth_status=status)
    where = ("--base-url", sandbox.url, "--promotion", ONE_USE, "--user", REDEEMED)
    environment = {"COUPONBUS_UNIQODO_API_KEY": "another-key-not-real"}

    report = probe("uniqodo", *where, environment=environment)

    assert report.code == 1
    assert report.differing["key"] == evidence
    assert "prefix" in report.unproven
    assert "records" in report.unproven


def test_odd_records_are_distinguished(sandbox: UniqodoSandbox) -> None:
    sandbox.redeem(
        NewRedemption(
            promotion_id=ODD,
            user_id="odd@example.com",
            record={"order_value": "12.50", "discount_value": None, "custom_params": {"p1": "x"}},
        )
    )

    report = look(sandbox, "odd@example.com", promotion=ODD)

    assert_differing(
        report,
        {
            "total": "2 of 2 answers have another number",
            "money": "order_value is an integer or text, discount_value is an integer or null",
            "custom_params": "a text without a JSON object, an object and null",
            "redeemed_at": "ISO 8601 with an offset and ISO 8601 without an offset",
        },
    )
    assert report.holding["result"] == "success"


def test_an_unknown_error_code_is_reported(sandbox: UniqodoSandbox) -> None:
    errors = (QueryError(code=777, message="Locked."), QueryError(code="X", message="Odd."))
    sandbox.add_promotions(Promotion(promotion_id=ONE_USE, offer_id=4883, errors=errors))

    report = look(sandbox)

    assert report.differing["error_codes"] == (
        "error 201 and 204 and 777 and no number (an integer or text)"
    )


@pytest.mark.parametrize(
    ("zone", "verdict"),
    [("UTC", "differs"), ("America/New_York", "differs"), ("Europe/Berlin", "holds")],
)
def test_a_zone_in_which_codes_are_redeemed_before_they_are_issued_is_wrong(
    sandbox: UniqodoSandbox, zone: str, verdict: str
) -> None:
    report = look(sandbox, zone=zone)

    assert report.findings["zone"].verdict == verdict


def test_a_redemption_long_after_the_issue_fits_every_zone(sandbox: UniqodoSandbox) -> None:
    report = look(sandbox, "twice@example.com", promotion=THREE_USES)

    assert report.unproven["zone"] == "every zone that was tried is possible"
    assert report.unproven["no_expiry"] == "every code that was seen expires"


def test_a_user_without_letters_or_history_shows_little(sandbox: UniqodoSandbox) -> None:
    numbers = look(sandbox, "12345")
    unknown = look(sandbox, "unknown")

    assert numbers.unproven["user_case"] == "the user id has no letters"
    assert unknown.unproven["user_case"] == "the user is not known"
    assert {"record_id", "money", "custom_params", "redeemed_at", "zone"} <= unknown.unproven.keys()
    assert unknown.unproven["offer_dates"] == "no offer was seen"
    assert unknown.differing == {}


def test_a_user_who_is_known_in_any_case_is_reported(sandbox: UniqodoSandbox) -> None:
    sandbox.redeem(NewRedemption(promotion_id=ONE_USE, user_id="abc123"))

    assert look(sandbox).differing["user_case"] == "known in the other case as well"


def test_a_provider_that_asks_to_wait_is_left_alone(sandbox: UniqodoSandbox) -> None:
    sandbox.faults(FaultRule(kind=FaultKind.UNAVAILABLE, after=2))

    report = look(sandbox)

    assert (report.code, report.calls) == (3, 3)
    assert report.unproven["wrong_key"] == "the provider asks to wait (status 503)"
    assert report.unproven["user_case"] == "not tested: the provider asks to wait (status 503)"


def test_nothing_of_the_users_or_the_key_is_shown(sandbox: UniqodoSandbox) -> None:
    users = ("--user", REDEEMED, "--user", UNUSED, "--zone", "UTC")
    where = ("--base-url", sandbox.url, "--promotion", ONE_USE, *users)

    for options in ((), ("--json",)):
        shell = run("uniqodo", *where, *options)

        assert shell.err == ""
        for secret in (KEY, REDEEMED, "issued@", "BF39KD2H", "XMAS10", "TCJGGJGF", "1262434SH"):
            assert secret not in shell.out


def assert_differing(report: Report, expected: dict[str, str]) -> None:
    assert report.differing.keys() == expected.keys()
    for name, evidence in expected.items():
        assert evidence in report.differing[name]
        assert report.findings[name].change
    assert report.code == 1
