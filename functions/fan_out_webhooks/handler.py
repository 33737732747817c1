"""Events from the bus, in batches, to one delivery for each endpoint that wants it."""

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import (
    ItemFailure,
    SqsEvent,
    counts_of,
    messages_of,
    report_batch,
)
from couponbus.usecases.webhooks.fan_out_webhooks import FanOutWebhooks
from functions.fan_out_webhooks import wiring

observability = Observability(service="fan_out_webhooks")


def handler(
    event: SqsEvent, context: Context, *, service: FanOutWebhooks | None = None
) -> dict[str, list[ItemFailure]]:
    """Do the batch; only events that are not safely in the ledger come again."""
    job = service or wiring.service()
    report = job.handle(messages_of(event), deadline=deadline_of(context, wiring.current_clock()))
    return report_batch(
        report,
        "fanned out",
        counts=counts_of(report),
        observability=observability,
        request_id=context.aws_request_id,
    )
