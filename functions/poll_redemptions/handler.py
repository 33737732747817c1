"""Turns and hints from the queue, many watches at a time, to redemptions in the ledger."""

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import ItemFailure, SqsEvent, failures_of, messages_of
from couponbus.usecases.poll_redemptions import PollRedemptions, PollReport
from functions.poll_redemptions import wiring

observability = Observability(service="poll_redemptions")


def handler(
    event: SqsEvent, context: Context, *, service: PollRedemptions | None = None
) -> dict[str, list[ItemFailure]]:
    """Do the batch; a look that failed brings no message back, it has another turn."""
    job = service or wiring.service()
    report = job.handle(messages_of(event), deadline=deadline_of(context, wiring.current_clock()))
    observability.report("batch polled", request_id=context.aws_request_id, counts=_counts(report))
    if report.stumbles:
        observability.alarm(
            "code stumbled",
            request_id=context.aws_request_id,
            details={"errors": list(report.stumbles), "failed": list(report.failed)},
        )
    return failures_of(report.failed)


def _counts(report: PollReport) -> dict[str, float]:
    counts: dict[str, float] = {count.value: number for count, number in report.tally.items()}
    if report.failed:
        counts["Failed"] = len(set(report.failed))
    return counts
