"""The metadata of an event: the last outcome of a row, under an id that can be recomputed."""

from datetime import datetime

from couponbus.domain.identity import event_id
from couponbus.domain.row import Row
from couponbus.events.base import Metadata, PublishedEvent


def metadata_of(row: Row, event: type[PublishedEvent], *, at: datetime, tenant: str) -> Metadata:
    """Return the metadata of the last outcome, which was decided `at` this moment."""
    return Metadata(
        id=event_id(entity=row.key, detail_type=event.detail_type, version=row.outcomes),
        version=event.version,
        sequence=row.outcomes,
        occurred_at=at,
        tenant=tenant,
    )
