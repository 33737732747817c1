"""A batch of SQS messages as Lambda delivers it, and the answer that brings some of them again."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

from couponbus.runtime.observability import Observability
from couponbus.usecases.invocation import BatchResult
from couponbus.usecases.messages import Message
from couponbus.usecases.metrics import Metric

NAMED = 20


class SqsRecord(TypedDict):
    """The part of a message that is read."""

    messageId: str
    body: str


class SqsEvent(TypedDict):
    """A batch of messages."""

    Records: Sequence[SqsRecord]


class ItemFailure(TypedDict):
    """A message that must come again."""

    itemIdentifier: str


def messages_of(event: SqsEvent) -> list[Message]:
    """Return the messages in the words of the use cases."""
    return [
        Message(message_id=record["messageId"], body=record["body"]) for record in event["Records"]
    ]


def failures_of(message_ids: Iterable[str]) -> dict[str, list[ItemFailure]]:
    """Return Lambda's answer; a message that failed for several reasons is named once."""
    return {"batchItemFailures": [{"itemIdentifier": one} for one in dict.fromkeys(message_ids)]}


def counts_of(report: BatchResult) -> dict[str, float]:
    """Return what was counted, how many messages must come again, and how many rows are broken."""
    counts: dict[str, float] = {count.value: number for count, number in report.metrics.items()}
    if report.failed:
        counts["Failed"] = len(set(report.failed))
    if report.broken:
        counts[Metric.BROKEN_ROWS.value] = len(report.broken)
    return counts


def report_batch(
    report: BatchResult,
    what: str,
    *,
    counts: Mapping[str, float],
    observability: Observability,
    request_id: str,
) -> dict[str, list[ItemFailure]]:
    """Log what came of a batch, and return Lambda's answer."""
    observability.report(what, request_id=request_id, counts=counts)
    if report.bugs:
        observability.alarm(
            "unexpected error",
            request_id=request_id,
            details={"errors": list(report.bugs), "failed": list(report.failed)},
        )
    if report.broken:
        observability.alarm(
            "rows broken", request_id=request_id, details={"keys": sorted(report.broken)[:NAMED]}
        )
    return failures_of(report.failed)
