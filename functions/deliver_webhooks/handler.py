"""Deliveries that are due, in batches, to signed webhooks."""

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import ItemFailure, SqsEvent, failures_of, messages_of
from couponbus.usecases.deliver_webhooks import DeliverReport, DeliverWebhooks
from functions.deliver_webhooks import wiring

observability = Observability(service="deliver_webhooks")


def handler(
    event: SqsEvent, context: Context, *, service: DeliverWebhooks | None = None
) -> dict[str, list[ItemFailure]]:
    """Do the batch; an attempt that failed brings no message back, it has another time."""
    job = service or wiring.service()
    report = job.handle(messages_of(event), deadline=deadline_of(context, wiring.current_clock()))
    observability.report(
        "batch delivered", request_id=context.aws_request_id, counts=_counts(report)
    )
    if report.stumbles:
        observability.alarm(
            "code stumbled",
            request_id=context.aws_request_id,
            details={"errors": list(report.stumbles), "failed": list(report.failed)},
        )
    return failures_of(report.failed)


def _counts(report: DeliverReport) -> dict[str, float]:
    counts: dict[str, float] = {count.value: number for count, number in report.tally.items()}
    if report.failed:
        counts["Failed"] = len(set(report.failed))
    return counts
