"""Turns and hints from the queue, many watches at a time, to redemptions in the ledger."""

from collections.abc import Sequence
from typing import TypedDict

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.usecases.intake import Message
from couponbus.usecases.poll_redemptions import PollRedemptions, PollReport
from functions.poll_redemptions import wiring

observability = Observability(service="poll_redemptions")


class SqsRecord(TypedDict):
    """The part of a message that is read."""

    messageId: str
    body: str


class SqsEvent(TypedDict):
    """A batch of messages as Lambda delivers it."""

    Records: Sequence[SqsRecord]


class ItemFailure(TypedDict):
    """A message that must come again."""

    itemIdentifier: str


def handler(
    event: SqsEvent, context: Context, *, service: PollRedemptions | None = None
) -> dict[str, list[ItemFailure]]:
    """Do the batch; a look that failed brings no message back, it has another turn."""
    messages = [
        Message(message_id=record["messageId"], body=record["body"]) for record in event["Records"]
    ]
    job = service or wiring.service()
    report = job.handle(messages, deadline=deadline_of(context, wiring.current_clock()))
    observability.report("batch polled", request_id=context.aws_request_id, counts=_counts(report))
    if report.stumbles:
        observability.alarm(
            "code stumbled",
            request_id=context.aws_request_id,
            details={"errors": list(report.stumbles), "failed": list(report.failed)},
        )
    failed = dict.fromkeys(report.failed)  # one message may fail for several of its watches
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}


def _counts(report: PollReport) -> dict[str, float]:
    counts: dict[str, float] = {count.value: number for count, number in report.tally.items()}
    if report.failed:
        counts["Failed"] = len(set(report.failed))
    return counts
