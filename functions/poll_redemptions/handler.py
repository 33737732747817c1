"""Poll the providers for queued watches, and record new redemptions."""

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import BatchAnswer, SqsEvent, messages_of, respond
from couponbus.usecases.polling.poll_redemptions import PollRedemptions
from functions.poll_redemptions import wiring

observability = Observability(service="poll_redemptions")


def handler(
    event: SqsEvent, context: Context, *, service: PollRedemptions | None = None
) -> BatchAnswer:
    """Poll the batch. A failed poll is repeated by the schedule, so its message is deleted."""
    job = service or wiring.service()
    result = job.handle(messages_of(event), deadline=deadline_of(context))
    return respond(result, context, done="batch polled", observability=observability)
