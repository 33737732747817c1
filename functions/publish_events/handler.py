"""Publish each decided outcome from the ledger's stream to the bus."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from couponbus.aws.ledger.codec import decode, outcomes_in
from couponbus.domain.errors import RowsBroken
from couponbus.domain.row import Row
from couponbus.runtime.invocation import Context
from couponbus.runtime.observability import Observability, failures_in_line, traces_in_line
from couponbus.usecases.causes import Cause, cause_of
from couponbus.usecases.publishing.publish_events import PublishEvents
from functions.publish_events import wiring

observability = Observability(service="publish_events")

ALWAYS = ("Published", "Failed")  # of the counts; the others only when there are any

type Image = Mapping[str, Mapping[str, object]]


class Change(TypedDict):
    """What happened to an item."""

    SequenceNumber: str
    NewImage: NotRequired[Image]
    OldImage: NotRequired[Image]


class StreamRecord(TypedDict):
    """One record of the stream."""

    dynamodb: Change


class StreamEvent(TypedDict):
    """A batch of stream records as Lambda delivers it."""

    Records: Sequence[StreamRecord]


class FailedRecord(TypedDict):
    """A record from which on Lambda retries the batch."""

    itemIdentifier: str


def handler(
    event: StreamEvent, context: Context, *, service: PublishEvents | None = None
) -> dict[str, list[FailedRecord]]:
    """Publish; Lambda retries the records whose event the bus has not accepted."""
    decided: dict[str, Row] = {}
    places: dict[str, str] = {}
    causes: dict[str, Cause] = {}
    unreadable = 0
    for record in event["Records"]:
        change = record["dynamodb"]
        try:
            row = _decided(change)
        except RowsBroken as broken:
            unreadable += 1
            causes[change["SequenceNumber"]] = cause_of(broken)
            observability.alarm(
                "row unreadable",
                request_id=context.aws_request_id,
                details={"error": str(broken)},
            )
            continue
        if row is not None:
            decided[row.key] = row
            places.setdefault(row.key, change["SequenceNumber"])
    job = service or wiring.service()
    report = job.handle(list(decided.values()))
    causes |= {places[key]: why for key, why in report.causes.items()}
    if report.bugs:
        observability.alarm(
            "unexpected error",
            request_id=context.aws_request_id,
            details={"errors": list(report.bugs), "failed": report.failed},
        )
    observability.name_broken(report.broken, request_id=context.aws_request_id)
    counts = {
        "Published": report.published,
        "Failed": len(causes) + sum(report.unmarked.values()),
        "BrokenRows": unreadable + len(report.broken),
        "UnexpectedErrors": len(report.bugs),
    }
    observability.report(
        "events published",
        request_id=context.aws_request_id,
        counts={name: number for name, number in counts.items() if number or name in ALWAYS},
        details={
            **traces_in_line(report.traces.by_outcome()),
            **failures_in_line(causes, undone=report.unmarked),
        },
    )
    return {"batchItemFailures": [{"itemIdentifier": one} for one in causes]}


def _decided(change: Change) -> Row | None:
    """Return the row if this change decided an outcome; marks and delays decide nothing."""
    if "NewImage" not in change:
        return None
    new = decode(change["NewImage"])
    if not new.unpublished:
        return None
    if "OldImage" in change and outcomes_in(change["OldImage"]) == new.outcomes:
        return None
    return new
