"""Issue the barcodes of queued sign-ups, in batches; resume what was interrupted."""

from collections.abc import Mapping

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import BatchAnswer, SqsEvent, counts_of, messages_of, respond
from couponbus.usecases.invocation import BatchResult, Metric
from couponbus.usecases.issuing.issue_barcodes import IssueBarcodes
from functions.issue_barcodes import wiring

DECIDED = (Metric.ISSUED, Metric.ADOPTED, Metric.REFUSED)

observability = Observability(service="issue_barcodes")


def handler(
    event: SqsEvent, context: Context, *, service: IssueBarcodes | None = None
) -> BatchAnswer:
    """Process the batch. SQS redelivers only messages that are not surely in the ledger."""
    job = service or wiring.service()
    result = job.handle(messages_of(event), deadline=deadline_of(context))
    return respond(result, context, done="batch done", counts=_counts, observability=observability)


def _counts(result: BatchResult) -> Mapping[str, float]:
    return {**counts_of(result), **_items_per_call(result), **_refused_share(result)}


def _items_per_call(result: BatchResult) -> Mapping[str, float]:
    calls = result.metrics.get(Metric.CALLS, 0)
    return {"ItemsPerCall": result.metrics.get(Metric.ITEMS_POSTED, 0) / calls} if calls else {}


def _refused_share(result: BatchResult) -> Mapping[str, float]:
    """Return how many percent of the barcodes that this batch decided were refused."""
    decided = sum(result.metrics.get(count, 0) for count in DECIDED)
    refused = result.metrics.get(Metric.REFUSED, 0)
    return {"RefusedShare": 100 * refused / decided} if decided else {}
