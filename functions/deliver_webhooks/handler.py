"""Send due deliveries as signed webhooks, in batches."""

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import BatchAnswer, SqsEvent, messages_of, respond
from couponbus.usecases.webhooks.deliver_webhooks import DeliverWebhooks
from functions.deliver_webhooks import wiring

observability = Observability(service="deliver_webhooks")


def handler(
    event: SqsEvent, context: Context, *, service: DeliverWebhooks | None = None
) -> BatchAnswer:
    """Send the batch. A failed attempt is rescheduled in the ledger, so its message is deleted."""
    job = service or wiring.service()
    result = job.handle(messages_of(event), deadline=deadline_of(context))
    return respond(result, context, done="batch delivered", observability=observability)
