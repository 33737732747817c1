"""Every night, compare issuances with Coniq: two barcodes, one gone, one though refused."""

from collections.abc import Mapping

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.usecases.issuing.audit_barcodes import AuditBarcodes
from functions.audit_barcodes import wiring

NAMED = 500  # a log line has a size limit

observability = Observability(service="audit_barcodes")


def handler(
    event: Mapping[str, object], context: Context, *, service: AuditBarcodes | None = None
) -> dict[str, int]:
    """Audit as much as time and the rate limiter allow; findings raise an alarm."""
    del event  # a tick has no content
    job = service or wiring.service()
    report = job.handle(deadline=deadline_of(context))
    found = {
        "duplicates": [*report.duplicates],
        "missing": [*report.missing],
        "refused": [*report.refused],
        "unreadable": [*report.unreadable],
    }
    if any(found.values()):
        observability.alarm(
            "audit found something",
            request_id=context.aws_request_id,
            details={name: keys[:NAMED] for name, keys in found.items()},
        )
    counts = {
        "Audited": report.checked,
        "DuplicatesFound": len(report.duplicates),
        "MissingFound": len(report.missing),
        "RefusedFound": len(report.refused),
        "BrokenRows": len(report.unreadable),
        **{count.value: number for count, number in report.metrics.items()},
    }
    why: dict[str, object] = {}
    if report.cause is not None:
        counts["Failed"] = 1
        why = {"failed": [{"why": report.cause}]}
    observability.report("audited", request_id=context.aws_request_id, counts=counts, details=why)
    return counts
