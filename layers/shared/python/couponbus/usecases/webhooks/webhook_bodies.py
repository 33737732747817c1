"""The bytes of a webhook: frozen, but for what only some endpoints may read."""

from collections.abc import Mapping, Sequence

from couponbus.domain.issuing.issuance import Issuance, issuance_key
from couponbus.domain.row import Row
from couponbus.domain.webhooks.endpoint import Endpoint, Scope
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.events.barcodes import BarcodeIssued


def rows_to_read(event: EventRecord, endpoint: Endpoint) -> Sequence[str]:
    """Return the keys of the rows that the body for this endpoint needs beside the event."""
    issuance_id = event.data.get("issuance_id")
    if not _tells_number(event, endpoint) or not isinstance(issuance_id, str):
        return ()
    return (issuance_key(issuance_id),)


def body_of(event: EventRecord, endpoint: Endpoint, *, rows: Mapping[str, Row]) -> bytes:
    """Return the same bytes each time: an issued barcode never changes its number."""
    if not _tells_number(event, endpoint):
        return event.body.encode()
    issuances = [rows.get(key) for key in rows_to_read(event, endpoint)]
    numbers = [one.barcode.number for one in issuances if isinstance(one, Issuance) and one.barcode]
    return event.body_with(barcode_number=numbers[0] if numbers else None).encode()


def _tells_number(event: EventRecord, endpoint: Endpoint) -> bool:
    return event.detail_type == BarcodeIssued.detail_type and endpoint.may_read(Scope.BARCODE_READ)
