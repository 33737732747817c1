"""The handler of audit_barcodes: quiet when all is well, an alarm when it cannot be."""

from collections.abc import Sequence
from datetime import datetime

from couponbus.usecases.audit_barcodes import AuditBarcodes, AuditReport
from functions.audit_barcodes.handler import handler
from tests.functions.desk import Desk
from tests.functions.invocation import FakeContext, Output


class Auditor(AuditBarcodes):
    """Has found what it was told to."""

    def __init__(self, *, duplicates: Sequence[str] = (), missing: Sequence[str] = ()) -> None:
        self._found = AuditReport(checked=9, duplicates=duplicates, missing=missing)

    def handle(self, *, deadline: datetime) -> AuditReport:
        del deadline
        return self._found


def test_a_ledger_that_agrees_with_the_provider_raises_no_alarm(
    output: Output,
) -> None:
    counts = handler({}, FakeContext(), service=Desk().audit_barcodes)

    printed = output.read()
    assert [(line["level"], line["message"]) for line in printed.logs] == [("INFO", "audited")]
    assert counts == {"Audited": 0, "DuplicatesFound": 0, "MissingFound": 0}


def test_two_barcodes_for_one_issuance_raise_an_alarm_that_names_it(
    output: Output,
) -> None:
    handler({}, FakeContext(), service=Auditor(duplicates=["CODE-1", "CODE-2"]))

    printed = output.read()
    (alarm,) = [line for line in printed.logs if line["level"] == "ERROR"]
    assert (alarm["duplicates"], alarm["missing"]) == (["CODE-1", "CODE-2"], [])
    assert printed.only_metrics == {"Audited": 9, "DuplicatesFound": 2, "MissingFound": 0}


def test_a_barcode_that_is_gone_raises_an_alarm_too(output: Output) -> None:
    handler({}, FakeContext(), service=Auditor(missing=["CODE-3"]))

    (alarm,) = [line for line in output.read().logs if line["level"] == "ERROR"]
    assert (alarm["message"], alarm["missing"]) == ("audit found something", ["CODE-3"])
