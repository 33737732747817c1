"""`couponbus probe coniq` where the provider does not answer as it should, or not at all."""

import pytest

from couponbus_sandbox.coniq import ConiqSandbox, FaultKind, FaultRule
from tests.contracts.probed_coniq import (
    ANN,
    CUSTOMER,
    OBSERVED,
    SAMPLE,
    assert_differing,
    look,
    running,
    sandbox,
)
from tests.unit.cli.probe.running import KEY, probe, run

__all__ = ["running", "sandbox"]


def test_a_refused_key_ends_the_questions(sandbox: ConiqSandbox) -> None:
    environment = {"COUPONBUS_CONIQ_API_KEY": "another-key-not-real"}
    before = sandbox.state.barcodes

    report = probe("coniq", "--base-url", sandbox.url, *SAMPLE, "--write", environment=environment)

    assert report.code == 1
    assert_differing(report, {"authorization": "status 401"})
    assert report.calls == 1
    assert report.unproven["duplicates"].count("not tested: the key was refused") == 2
    assert sandbox.state.barcodes == before


def test_an_unknown_customer_leaves_it_open_what_filters_do(sandbox: ConiqSandbox) -> None:
    report = probe("coniq", "--base-url", sandbox.url, "--customer-id", "31", "--offer-id", "1")

    assert report.code == 0
    assert {
        "filter_customer_id",
        "filter_customer_email",
        "filter_offer_id",
    } <= report.unproven.keys()
    assert report.unproven["customer_by_email"] == "give --email"
    assert report.unproven["expiry_date"] == "no barcode was seen"


def test_without_a_working_criterion_most_is_left_open(sandbox: ConiqSandbox) -> None:
    sandbox.change(filters=OBSERVED)

    report = look(sandbox, "--tracking-code", "before-5-101", email=None)

    assert report.unproven["filter_offer_id"] == "no criterion for the customer works"
    assert report.unproven["unknown_criterion"] == "no criterion for the customer works"
    assert report.unproven["api_version"] == "status 400, but status 400 with it"
    assert report.differing["filter_tracking_code"] == "refused: status 400"


def test_what_was_issued_cannot_always_be_looked_up(sandbox: ConiqSandbox) -> None:
    sandbox.change(filters=OBSERVED)

    report = look(sandbox, "--write", email=None)

    assert report.unproven["visible_at_once"] == "status 400"
    assert report.unproven["list_is_whole"] == "nothing is known that it should contain"
    assert report.holding["batch_partial"] == "status 207, the other was issued"


def test_a_provider_that_asks_to_wait_is_left_alone(sandbox: ConiqSandbox) -> None:
    sandbox.faults(FaultRule(kind=FaultKind.RATE_LIMITED, after=3))

    report = look(sandbox)

    assert report.code == 3
    assert report.calls == 4
    assert report.cut_short == "the provider asks to wait (status 429)"
    assert report.unproven["no_criterion"] == "not tested: the provider asks to wait (status 429)"


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
