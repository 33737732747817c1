"""Sign-ups and wake-up calls from the queue, in batches, to barcodes."""

from collections.abc import Mapping

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import ItemFailure, SqsEvent, failures_of, messages_of
from couponbus.usecases.issue_barcodes import IssueBarcodes, IssueReport
from couponbus.usecases.tally import Count
from functions.issue_barcodes import wiring

observability = Observability(service="issue_barcodes")


def handler(
    event: SqsEvent, context: Context, *, service: IssueBarcodes | None = None
) -> dict[str, list[ItemFailure]]:
    """Do the batch; only messages that are not safely in the ledger come again."""
    job = service or wiring.service()
    report = job.handle(messages_of(event), deadline=deadline_of(context, wiring.current_clock()))
    observability.report("batch done", request_id=context.aws_request_id, counts=_counts(report))
    if report.stumbles:
        observability.alarm(
            "code stumbled",
            request_id=context.aws_request_id,
            details={"errors": list(report.stumbles), "failed": list(report.failed)},
        )
    return failures_of(report.failed)


def _counts(report: IssueReport) -> Mapping[str, float]:
    counts: dict[str, float] = {count.value: number for count, number in report.tally.items()}
    calls = report.tally.get(Count.CALLS, 0)
    if calls:
        counts["ItemsPerCall"] = report.tally.get(Count.ITEMS_POSTED, 0) / calls
    if report.failed:
        counts["Failed"] = len(report.failed)
    return counts
