"""Create one delivery per subscribed endpoint for each event."""

from couponbus.runtime.invocation import Context
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import BatchAnswer, SqsEvent, do_batch
from couponbus.usecases.webhooks.fan_out_webhooks import FanOutWebhooks
from functions.fan_out_webhooks import wiring

observability = Observability(service="fan_out_webhooks")


def handler(
    event: SqsEvent, context: Context, *, service: FanOutWebhooks | None = None
) -> BatchAnswer:
    """Store the batch. SQS redelivers only events that are not surely in the ledger."""
    job = service or wiring.service()
    return do_batch(job, event, context, done="fanned out", observability=observability)
