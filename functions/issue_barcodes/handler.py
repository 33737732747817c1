"""Sign-ups and wake-up calls from the queue, in batches, to barcodes."""

from collections.abc import Mapping

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import (
    ItemFailure,
    SqsEvent,
    counts_of,
    messages_of,
    report_batch,
)
from couponbus.usecases.invocation import BatchResult
from couponbus.usecases.issuing.issue_barcodes import IssueBarcodes
from couponbus.usecases.metrics import Metric
from functions.issue_barcodes import wiring

observability = Observability(service="issue_barcodes")


def handler(
    event: SqsEvent, context: Context, *, service: IssueBarcodes | None = None
) -> dict[str, list[ItemFailure]]:
    """Do the batch; only messages that are not safely in the ledger come again."""
    job = service or wiring.service()
    report = job.handle(messages_of(event), deadline=deadline_of(context, wiring.current_clock()))
    return report_batch(
        report,
        "batch done",
        counts=_counts(report),
        observability=observability,
        request_id=context.aws_request_id,
    )


def _counts(report: BatchResult) -> Mapping[str, float]:
    calls = report.metrics.get(Metric.CALLS, 0)
    if not calls:
        return counts_of(report)
    return {**counts_of(report), "ItemsPerCall": report.metrics.get(Metric.ITEMS_POSTED, 0) / calls}
