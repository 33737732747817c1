"""Deliveries that are due, in batches, to signed webhooks."""

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import (
    ItemFailure,
    SqsEvent,
    counts_of,
    messages_of,
    report_batch,
)
from couponbus.usecases.webhooks.deliver_webhooks import DeliverWebhooks
from functions.deliver_webhooks import wiring

observability = Observability(service="deliver_webhooks")


def handler(
    event: SqsEvent, context: Context, *, service: DeliverWebhooks | None = None
) -> dict[str, list[ItemFailure]]:
    """Do the batch; an attempt that failed brings no message back, it has another time."""
    job = service or wiring.service()
    report = job.handle(messages_of(event), deadline=deadline_of(context, wiring.current_clock()))
    return report_batch(
        report,
        "batch delivered",
        counts=counts_of(report),
        observability=observability,
        request_id=context.aws_request_id,
    )
