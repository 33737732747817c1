"""A batch of SQS messages as Lambda delivers it, and the answer that brings some of them again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypedDict

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.usecases.invocation import BatchResult, Metric
from couponbus.usecases.messages import Message


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


type BatchAnswer = dict[str, list[ItemFailure]]


class BatchJob(Protocol):
    """A use case that takes messages."""

    def handle(self, messages: Sequence[Message], *, deadline: datetime) -> BatchResult:
        """Do what can be done before `deadline`."""
        ...


def messages_of(event: SqsEvent) -> list[Message]:
    """Return the messages in the words of the use cases."""
    return [
        Message(message_id=record["messageId"], body=record["body"]) for record in event["Records"]
    ]


def failures_of(message_ids: Iterable[str]) -> BatchAnswer:
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


def do_batch(
    job: BatchJob,
    event: SqsEvent,
    context: Context,
    *,
    done: str,
    observability: Observability,
    counts: Callable[[BatchResult], Mapping[str, float]] = counts_of,
) -> BatchAnswer:
    """Have the batch done, log what came of it as `done`, and return Lambda's answer."""
    report = job.handle(messages_of(event), deadline=deadline_of(context))
    request_id = context.aws_request_id
    observability.report(done, request_id=request_id, counts=counts(report))
    if report.bugs:
        observability.alarm(
            "unexpected error",
            request_id=request_id,
            details={"errors": list(report.bugs), "failed": list(report.failed)},
        )
    observability.name_broken(report.broken, request_id=request_id)
    return failures_of(report.failed)
