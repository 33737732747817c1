"""Issue the barcodes of queued sign-ups, in batches; resume what was interrupted."""

from collections.abc import Mapping

from couponbus.runtime.invocation import Context
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import BatchAnswer, SqsEvent, counts_of, do_batch
from couponbus.usecases.invocation import BatchResult, Metric
from couponbus.usecases.issuing.issue_barcodes import IssueBarcodes
from functions.issue_barcodes import wiring

observability = Observability(service="issue_barcodes")


def handler(
    event: SqsEvent, context: Context, *, service: IssueBarcodes | None = None
) -> BatchAnswer:
    """Process the batch. SQS redelivers only messages that are not surely in the ledger."""
    job = service or wiring.service()
    return do_batch(
        job, event, context, done="batch done", counts=_counts, observability=observability
    )


def _counts(report: BatchResult) -> Mapping[str, float]:
    calls = report.metrics.get(Metric.CALLS, 0)
    if not calls:
        return counts_of(report)
    return {**counts_of(report), "ItemsPerCall": report.metrics.get(Metric.ITEMS_POSTED, 0) / calls}
