"""The handler of audit_barcodes: quiet when all is well, an alarm when something is wrong."""

from datetime import datetime

import pytest

from couponbus.usecases.invocation import Metric
from couponbus.usecases.issuing.audit_barcodes import AuditBarcodes, AuditReport
from functions.audit_barcodes.handler import handler
from tests.functions.invocation import FakeContext, Output
from tests.functions.issuing_harness import IssuingHarness


class Auditor(AuditBarcodes):
    """Returns the configured findings."""

    __setattr__ = object.__setattr__  # the real service is frozen, this fake records

    def __init__(self, found: AuditReport) -> None:
        self._found = found

    def handle(self, *, deadline: datetime) -> AuditReport:
        del deadline
        return self._found


def test_a_ledger_that_agrees_with_the_provider_raises_no_alarm(
    output: Output,
) -> None:
    counts = handler({}, FakeContext(), service=IssuingHarness().audit_barcodes)

    printed = output.read()
    assert [(line["level"], line["message"]) for line in printed.logs] == [("INFO", "audited")]
    assert counts == {
        "Audited": 0,
        "DuplicatesFound": 0,
        "MissingFound": 0,
        "RefusedFound": 0,
        "BrokenRows": 0,
    }


def test_what_is_found_raises_an_alarm_that_names_it(output: Output) -> None:
    auditor = Auditor(
        AuditReport(
            checked=9,
            duplicates=["CODE-1", "CODE-2"],
            missing=["CODE-3"],
            refused=["CODE-4"],
            unreadable=["ISSUANCE#5"],
            metrics={Metric.BREAKER_OPEN: 2, Metric.UNREPORTED_ANSWERS: 3},
        )
    )

    handler({}, FakeContext(), service=auditor)

    printed = output.read()
    (alarm,) = [line for line in printed.logs if line["level"] == "ERROR"]
    assert alarm["message"] == "audit found something"
    assert alarm["duplicates"] == ["CODE-1", "CODE-2"]
    assert (alarm["missing"], alarm["refused"]) == (["CODE-3"], ["CODE-4"])
    assert alarm["unreadable"] == ["ISSUANCE#5"]
    assert printed.only_metrics == {
        "Audited": 9,
        "DuplicatesFound": 2,
        "MissingFound": 1,
        "RefusedFound": 1,
        "BrokenRows": 1,
        "BreakerOpen": 2,
        "UnreportedAnswers": 3,
    }


def test_a_night_in_which_the_ledger_did_not_answer_is_failed_and_says_why(
    output: Output,
) -> None:
    harness = IssuingHarness()
    harness.ledger.will_fail("due")

    handler({}, FakeContext(), service=harness.audit_barcodes)

    printed = output.read()
    (line,) = printed.logs
    assert line["failed"] == [{"why": "LedgerUnavailable:write:ReadTimeoutError"}]
    assert (printed.only_metrics["Audited"], printed.only_metrics["Failed"]) == (0, 1)


@pytest.mark.parametrize(
    "found",
    [
        AuditReport(checked=1, duplicates=["ONE"]),
        AuditReport(checked=1, missing=["ONE"]),
        AuditReport(checked=1, refused=["ONE"]),
        AuditReport(checked=1, unreadable=["ONE"]),
    ],
)
def test_each_kind_of_finding_raises_the_alarm(found: AuditReport, output: Output) -> None:
    handler({}, FakeContext(), service=Auditor(found))

    assert [line["level"] for line in output.read().logs].count("ERROR") == 1
