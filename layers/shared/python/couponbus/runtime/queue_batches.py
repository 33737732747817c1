"""SQS batch event and its partial-batch response."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NotRequired, TypedDict

from couponbus.runtime.invocation import Context
from couponbus.runtime.observability import (
    Observability,
    failures_in_line,
    traces_in_line,
)
from couponbus.usecases.invocation import BatchResult, Metric
from couponbus.usecases.messages import Message


class SqsRecord(TypedDict):
    """The part of a message that is read."""

    messageId: str
    body: str
    eventSourceARN: NotRequired[str]


class SqsEvent(TypedDict):
    """A batch of messages."""

    Records: Sequence[SqsRecord]


class ItemFailure(TypedDict):
    """A message that SQS must redeliver."""

    itemIdentifier: str


type BatchAnswer = dict[str, list[ItemFailure]]


def messages_of(event: SqsEvent) -> list[Message]:
    """Return the messages as the use cases take them."""
    return [
        Message(message_id=record["messageId"], body=record["body"], queue=_queue_of(record))
        for record in event["Records"]
    ]


def _queue_of(record: SqsRecord) -> str | None:
    """Return the name of the queue, the last part of its ARN."""
    return record.get("eventSourceARN", "").rpartition(":")[2] or None


def failures_of(message_ids: Iterable[str]) -> BatchAnswer:
    """Return the partial-batch response; a message with several failures is named once."""
    return {"batchItemFailures": [{"itemIdentifier": one} for one in dict.fromkeys(message_ids)]}


def counts_of(result: BatchResult) -> dict[str, float]:
    """Return the metrics, with how many messages and rows failed, and what is broken."""
    counts = {each.value: float(n) for each, n in {**result.metrics, **result.levels}.items()}
    if result.bugs:
        counts[Metric.UNEXPECTED_ERRORS.value] = len(result.bugs)
    if failed := len(result.failed) + sum(result.undone.values()):
        counts["Failed"] = failed
    if result.broken:
        counts[Metric.BROKEN_ROWS.value] = len(result.broken)
    return counts


def respond(
    result: BatchResult,
    context: Context,
    *,
    done: str,
    observability: Observability,
    counts: Callable[[BatchResult], Mapping[str, float]] = counts_of,
) -> BatchAnswer:
    """Log the result of a batch as `done`, and return the partial-batch response to Lambda."""
    request_id = context.aws_request_id
    details = {
        **traces_in_line(result.traces),
        **failures_in_line(result.causes, undone=result.undone),
    }
    observability.report(done, request_id=request_id, counts=counts(result), details=details)
    if result.bugs:
        observability.alarm(
            "unexpected error",
            request_id=request_id,
            details={"errors": list(result.bugs), "failed": result.failed},
        )
    observability.name_broken(result.broken, request_id=request_id)
    return failures_of(result.failed)
