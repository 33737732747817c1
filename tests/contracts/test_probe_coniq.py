"""`couponbus probe coniq` finds out how the simulator was set, in each of its modes."""

from collections.abc import Iterator

import pytest
import requests

from couponbus.providers.coniq.headers import headers_for
from sandbox.coniq import (
    ConiqSandbox,
    ConiqSettings,
    FaultKind,
    FaultRule,
    NewCustomer,
    coniq_server,
)
from tests.unit.cli.probing.asking import KEY, Report, probe, run

CUSTOMER = 987_650_001
ANN = "ann+probe@example.test"
SAMPLE = ("--customer-id", str(CUSTOMER), "--offer-id", "101")
OBSERVED = ("customer_email", "offer_id")


@pytest.fixture(scope="module")
def running() -> Iterator[ConiqSandbox]:
    with coniq_server(ConiqSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: ConiqSandbox) -> ConiqSandbox:
    """Return a Coniq where Ann has two barcodes, and somebody else one."""
    running.reset()
    running.add_customers(NewCustomer(customer_id=CUSTOMER, email=ANN))
    for customer_id, offer_id in ((CUSTOMER, 101), (CUSTOMER, 201), (5, 101)):
        wish = {"offer_id": offer_id, "customer_id": customer_id, "channel": "MAIL"}
        code = {"tracking_code": f"before-{customer_id}-{offer_id}"}
        url = f"{running.url}/barcode"
        requests.post(url, json=wish | code, headers=headers_for(KEY), timeout=5)
    return running


def look(sandbox: ConiqSandbox, *options: str, email: str | None = ANN) -> Report:
    known = () if email is None else ("--email", email)
    return probe("coniq", "--base-url", sandbox.url, *SAMPLE, *known, *options)


def write(sandbox: ConiqSandbox) -> Report:
    return look(sandbox, "--write")


def test_everything_holds_that_the_simulator_was_built_on(sandbox: ConiqSandbox) -> None:
    report = write(sandbox)

    assert report.code == 0
    assert report.differing == {}
    assert report.untold == {}
    assert report.calls == 18
    assert len(report.findings) == 32


def test_without_write_nothing_is_issued(sandbox: ConiqSandbox) -> None:
    before = sandbox.state.barcodes

    report = look(sandbox)

    assert report.code == 0
    assert report.untold == {}
    assert "duplicates" not in report.findings
    assert sandbox.state.barcodes == before
    assert all(str(call["route"]).startswith("GET ") for call in sandbox.calls(since=3))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"error_style": "symfony"}, {"error_form": "errors by field"}),
        ({"error_style": "error"}, {"error_form": "error and no message"}),
        ({"error_style": "text"}, {"error_form": "plain text"}),
        ({"unknown_filters": "ignore"}, {"unknown_criterion": "ignored: 2 barcodes"}),
        ({"unknown_customer": "not_found"}, {"unknown_customer": "status 404"}),
        (
            {"filters": OBSERVED},
            {
                "filter_customer_id": "refused: status 400",
                "filter_tracking_code": "refused: status 400",
            },
        ),
        (
            {"filters": OBSERVED, "unknown_filters": "ignore"},
            {
                "filter_customer_id": "refused: status 400",
                "filter_tracking_code": "ignored: 2 barcodes",
                "unknown_criterion": "ignored: 2 barcodes",
            },
        ),
        (
            {"filters": ("customer_id", "customer_email")},
            {
                "filter_offer_id": "refused: status 400",
                "filter_tracking_code": "refused: status 400",
            },
        ),
        (
            {"filters": ("customer_id", "customer_email"), "unknown_filters": "ignore"},
            {
                "filter_offer_id": "ignored: 2 barcodes",
                "filter_tracking_code": "ignored: 2 barcodes",
                "unknown_criterion": "ignored: 2 barcodes",
            },
        ),
    ],
)
def test_questions_alone_tell_how_lookups_and_errors_differ(
    sandbox: ConiqSandbox, settings: dict[str, object], expected: dict[str, str]
) -> None:
    sandbox.change(**settings)

    report = look(sandbox)

    assert_differing(report, expected)
    assert report.untold == {}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"batch_mode": "atomic"}, {"batch_partial": "status 400, the other was not found"}),
        ({"batch_answer": "barcodes_errors"}, {"batch_answer": "barcodes and errors"}),
        ({"batch_answer": "data_errors"}, {"batch_answer": "data and errors"}),
        ({"batch_answer": "successes_failures"}, {"batch_answer": "successes and failures"}),
        (
            {"batch_request_envelope": "barcodes"},
            {"batch_request": "status 400, but status 201 in 'barcodes'"},
        ),
        ({"error_items": "index_and_ids"}, {"item_errors": "index, tracking_code, customer_id"}),
        (
            {"duplicates": "reuse"},
            {
                "duplicates": "the barcode that there was already",
                "issue_status": "status 200",
                "tracking_code_echo": "another code",
                "batch_complete": "0 of 2, and 2 others",
            },
        ),
        ({"tracking_code_max": 40}, {"tracking_code_length": "refused, status 201 for a shorter"}),
        ({"list_cap": 3}, {"list_is_whole": "3 barcodes, without 2 that can be looked up"}),
        ({"barcode_delay_seconds": 60}, {"visible_at_once": "none (status 200)"}),
    ],
)
def test_issuing_tells_how_batches_and_duplicates_differ(
    sandbox: ConiqSandbox, settings: dict[str, object], expected: dict[str, str]
) -> None:
    sandbox.change(**settings)

    assert_differing(write(sandbox), expected)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (FaultRule(kind=FaultKind.REORDERED, count=1), {"batch_order": "another order"}),
        (FaultRule(kind=FaultKind.SHORT, count=1), {"batch_complete": "1 of 2, and 0 others"}),
        (FaultRule(kind=FaultKind.DUPLICATED, count=1), {}),
        (FaultRule(kind=FaultKind.FOREIGN, count=1), {"batch_complete": "2 of 2, and 1 other"}),
    ],
)
def test_the_answer_to_a_batch_is_compared_with_the_batch(
    sandbox: ConiqSandbox, rule: FaultRule, expected: dict[str, str]
) -> None:
    sandbox.faults(rule)
    expected = expected or {"batch_complete": "2 of 2, and 1 other"}

    assert_differing(write(sandbox), expected)


@pytest.mark.parametrize(
    ("settings", "name", "evidence"),
    [
        ({"datetime_style": "naive"}, "created_datetime_utc", "ISO 8601 without an offset"),
        ({"datetime_style": "offset"}, "created_datetime_utc", "ISO 8601 with an offset"),
        (
            {"absent_fields": "omit"},
            "optional_fields",
            "active is absent and expiry_date is absent",
        ),
        ({"absent_fields": "null"}, "optional_fields", "active is null and expiry_date is null"),
        ({"extra_fields": "ignore"}, "duplicates", "another barcode"),
    ],
)
def test_modes_that_couponbus_takes_alike_are_told_in_the_evidence(
    sandbox: ConiqSandbox, settings: dict[str, object], name: str, evidence: str
) -> None:
    sandbox.change(**settings)

    report = write(sandbox)

    assert report.differing == {}
    assert report.holding[name] == evidence


def test_a_limit_of_the_batch_below_two_is_no_answer_about_its_shape(
    sandbox: ConiqSandbox,
) -> None:
    sandbox.change(batch_max=1)

    report = write(sandbox)

    assert report.untold["batch_request"] == "status 400, and status 400 for one in an object"
    assert {"batch_answer", "batch_complete", "batch_order"} <= report.untold.keys()
    assert report.untold["visible_at_once"] == "no batch was issued"


def test_a_refused_key_ends_the_questions(sandbox: ConiqSandbox) -> None:
    environment = {"COUPONBUS_CONIQ_API_KEY": "another-key-not-real"}
    before = sandbox.state.barcodes

    report = probe("coniq", "--base-url", sandbox.url, *SAMPLE, "--write", environment=environment)

    assert report.code == 1
    assert_differing(report, {"authorization": "status 401"})
    assert report.calls == 1
    assert report.untold["duplicates"].count("not asked: the key was refused") == 2
    assert sandbox.state.barcodes == before


def test_an_unknown_customer_leaves_it_open_what_filters_do(sandbox: ConiqSandbox) -> None:
    report = probe("coniq", "--base-url", sandbox.url, "--customer-id", "31", "--offer-id", "1")

    assert report.code == 0
    assert {
        "filter_customer_id",
        "filter_customer_email",
        "filter_offer_id",
    } <= report.untold.keys()
    assert report.untold["customer_by_email"] == "give --email"
    assert report.untold["expiry_date"] == "no barcode was seen"


def test_without_a_working_criterion_most_is_left_open(sandbox: ConiqSandbox) -> None:
    sandbox.change(filters=OBSERVED)

    report = look(sandbox, "--tracking-code", "before-5-101", email=None)

    assert report.untold["filter_offer_id"] == "no criterion for the customer works"
    assert report.untold["unknown_criterion"] == "no criterion for the customer works"
    assert report.untold["api_version"] == "status 400, but status 400 with it"
    assert report.differing["filter_tracking_code"] == "refused: status 400"


def test_what_was_issued_cannot_always_be_looked_up(sandbox: ConiqSandbox) -> None:
    sandbox.change(filters=OBSERVED)

    report = look(sandbox, "--write", email=None)

    assert report.untold["visible_at_once"] == "status 400"
    assert report.untold["list_is_whole"] == "nothing is known that it should contain"
    assert report.holding["batch_partial"] == "status 207, the other was issued"


def test_a_provider_that_asks_to_wait_is_left_alone(sandbox: ConiqSandbox) -> None:
    sandbox.faults(FaultRule(kind=FaultKind.RATE_LIMITED, after=3))

    report = look(sandbox)

    assert report.code == 3
    assert report.calls == 4
    assert report.cut_short == "the provider asks to wait (status 429)"
    assert report.untold["no_criterion"] == "not asked: the provider asks to wait (status 429)"


def test_what_differs_counts_more_than_that_it_was_cut_short(sandbox: ConiqSandbox) -> None:
    sandbox.change(filters=OBSERVED)
    sandbox.faults(FaultRule(kind=FaultKind.UNAVAILABLE, after=3))

    assert look(sandbox).code == 1


@pytest.mark.parametrize("kind", [FaultKind.RATE_LIMITED, FaultKind.SERVER_ERROR])
def test_a_provider_that_never_answers_is_not_reached(
    sandbox: ConiqSandbox, kind: FaultKind
) -> None:
    sandbox.faults(FaultRule(kind=kind))

    shell = run("coniq", "--base-url", sandbox.url, *SAMPLE)

    assert shell.code == 3
    assert "the provider cannot be reached (" in shell.err


def test_connections_that_break_are_repeated_within_the_number_of_calls(
    sandbox: ConiqSandbox,
) -> None:
    sandbox.faults(FaultRule(kind=FaultKind.RESET_BEFORE_COMMIT, after=4))

    report = look(sandbox)

    assert report.calls == 20
    assert report.cut_short == "all calls are used up"
    assert len(sandbox.calls(since=3)) == 20


def test_nothing_of_the_customer_or_the_key_is_shown(sandbox: ConiqSandbox) -> None:
    sandbox.change(error_style="text", batch_mode="atomic", list_cap=3)
    secrets = [KEY, ANN, "example.test", str(CUSTOMER), "before-", "probe-", "24"]
    numbers = [str(each["barcode_number"]) for each in sandbox.barcodes()]

    for options in (("--write",), ("--write", "--json")):
        shell = run("coniq", "--base-url", sandbox.url, *SAMPLE, "--email", ANN, *options)

        assert shell.err == ""
        for secret in (*secrets, *numbers):
            assert secret not in shell.out


def assert_differing(report: Report, expected: dict[str, str]) -> None:
    assert report.differing.keys() == expected.keys()
    for name, evidence in expected.items():
        assert evidence in report.differing[name]
        assert report.findings[name].change
    assert report.code == (1 if expected else 0)
