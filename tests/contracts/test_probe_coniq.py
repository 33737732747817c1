"""`couponbus probe coniq` finds out how the simulator is configured, in each of its modes."""

import pytest

from couponbus_sandbox.coniq import ConiqSandbox, FaultKind, FaultRule
from tests.contracts.probed_coniq import (
    OBSERVED,
    assert_differing,
    look,
    running,
    sandbox,
    write,
)

__all__ = ["running", "sandbox"]


def test_everything_holds_that_the_simulator_was_built_on(sandbox: ConiqSandbox) -> None:
    report = write(sandbox)

    assert report.code == 0
    assert report.differing == {}
    assert report.unproven == {}
    assert report.calls == 18
    assert len(report.findings) == 32


def test_without_write_nothing_is_issued(sandbox: ConiqSandbox) -> None:
    before = sandbox.state.barcodes

    report = look(sandbox)

    assert report.code == 0
    assert report.unproven == {}
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
def test_questions_alone_show_how_lookups_and_errors_differ(
    sandbox: ConiqSandbox, settings: dict[str, object], expected: dict[str, str]
) -> None:
    sandbox.change(**settings)

    report = look(sandbox)

    assert_differing(report, expected)
    assert report.unproven == {}


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
def test_issuing_shows_how_batches_and_duplicates_differ(
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
def test_modes_that_couponbus_takes_alike_are_reported_in_the_evidence(
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

    assert report.unproven["batch_request"] == "status 400, and status 400 for one in an object"
    assert {"batch_answer", "batch_complete", "batch_order"} <= report.unproven.keys()
    assert report.unproven["visible_at_once"] == "no batch was issued"
