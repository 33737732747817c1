"""Events from the bus, in batches, to one delivery for each endpoint that wants it."""

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.runtime.queue_batches import ItemFailure, SqsEvent, failures_of, messages_of
from couponbus.usecases.fan_out_webhooks import FanOutReport, FanOutWebhooks
from functions.fan_out_webhooks import wiring

observability = Observability(service="fan_out_webhooks")


def handler(
    event: SqsEvent, context: Context, *, service: FanOutWebhooks | None = None
) -> dict[str, list[ItemFailure]]:
    """Do the batch; only events that are not safely in the ledger come again."""
    job = service or wiring.service()
    report = job.handle(messages_of(event), deadline=deadline_of(context, wiring.current_clock()))
    observability.report("fanned out", request_id=context.aws_request_id, counts=_counts(report))
    if report.stumbles:
        observability.alarm(
            "code stumbled",
            request_id=context.aws_request_id,
            details={"errors": list(report.stumbles), "failed": list(report.failed)},
        )
    return failures_of(report.failed)


def _counts(report: FanOutReport) -> dict[str, float]:
    counts: dict[str, float] = {count.value: number for count, number in report.tally.items()}
    if report.failed:
        counts["Failed"] = len(set(report.failed))
    return counts
