"""Turns and hints from the queue, many watches at a time, to redemptions in the ledger."""

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import (
    ItemFailure,
    SqsEvent,
    counts_of,
    messages_of,
    report_batch,
)
from couponbus.usecases.polling.poll_redemptions import PollRedemptions
from functions.poll_redemptions import wiring

observability = Observability(service="poll_redemptions")


def handler(
    event: SqsEvent, context: Context, *, service: PollRedemptions | None = None
) -> dict[str, list[ItemFailure]]:
    """Do the batch; a look that failed brings no message back, it has another turn."""
    job = service or wiring.service()
    report = job.handle(messages_of(event), deadline=deadline_of(context, wiring.current_clock()))
    return report_batch(
        report,
        "batch polled",
        counts=counts_of(report),
        observability=observability,
        request_id=context.aws_request_id,
    )
