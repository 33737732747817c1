"""Maps an endpoint to the event of its last disabling."""

from couponbus.domain.row import Row
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.events.base import PublishedEvent
from couponbus.events.endpoints import DisabledData, EndpointDisabled
from couponbus.usecases.publishing.event_metadata import metadata_of


def endpoint_announcement(row: Row) -> PublishedEvent | None:
    """Return the event for the last outcome of an endpoint, None if it has none."""
    return _disabled(row) if isinstance(row, Endpoint) else None


def _disabled(row: Endpoint) -> PublishedEvent | None:
    """Return the event as it was decided, even if the endpoint was resumed or removed since."""
    disabling = row.disabling
    if disabling is None:
        return None
    data = DisabledData(
        endpoint_id=row.endpoint_id,
        description=disabling.description,
        host=disabling.host,
        reason=disabling.because,
        failing_since=disabling.failing_since,
    )
    metadata = metadata_of(row, EndpointDisabled, at=disabling.at, tenant=row.tenant)
    return EndpointDisabled(metadata=metadata, data=data)
