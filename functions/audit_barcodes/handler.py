"""Every night: is there any issuance with two barcodes, or with one that is gone?"""

from collections.abc import Mapping

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.usecases.audit_barcodes import AuditBarcodes
from functions.audit_barcodes import wiring

observability = Observability(service="audit_barcodes")


def handler(
    event: Mapping[str, object], context: Context, *, service: AuditBarcodes | None = None
) -> dict[str, int]:
    """Audit as much as time and the provider's pace allow; findings raise an alarm."""
    del event  # a tick says nothing
    job = service or wiring.service()
    report = job.handle(deadline=deadline_of(context, wiring.current_clock()))
    if report.duplicates or report.missing:
        observability.alarm(
            "audit found something",
            request_id=context.aws_request_id,
            details={"duplicates": list(report.duplicates), "missing": list(report.missing)},
        )
    counts = {
        "Audited": report.checked,
        "DuplicatesFound": len(report.duplicates),
        "MissingFound": len(report.missing),
    }
    observability.report("audited", request_id=context.aws_request_id, counts=counts)
    return counts
