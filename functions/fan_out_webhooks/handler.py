"""Create one delivery per subscribed endpoint for each event."""

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import BatchAnswer, SqsEvent, messages_of, respond
from couponbus.usecases.webhooks.fan_out_webhooks import FanOutWebhooks
from functions.fan_out_webhooks import wiring

observability = Observability(service="fan_out_webhooks")


def handler(
    event: SqsEvent, context: Context, *, service: FanOutWebhooks | None = None
) -> BatchAnswer:
    """Store the batch. SQS redelivers only events that are not surely in the ledger."""
    job = service or wiring.service()
    result = job.handle(messages_of(event), deadline=deadline_of(context))
    return respond(result, context, done="fanned out", observability=observability)
