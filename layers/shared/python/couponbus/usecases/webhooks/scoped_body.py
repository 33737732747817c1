"""The body of a webhook: the event, and what only an endpoint with the scope may read beside it."""

from collections.abc import Callable, Mapping, Sequence

from couponbus.domain.errors import InputRejected
from couponbus.domain.issuing.issuance import Issuance, issuance_key
from couponbus.domain.polling.recorded_redemption import RecordedRedemption, redemption_key
from couponbus.domain.row import Row
from couponbus.domain.strict_json import strict_answer
from couponbus.domain.webhooks.endpoint import Endpoint, Scope
from couponbus.domain.webhooks.event_record import EventRecord

# By the types of events whose bodies it adds to: names, as no function here makes such an event.
SCOPES: Mapping[str, Scope] = {
    "BarcodeIssued": Scope.BARCODE_READ,
    "RedemptionRecorded": Scope.CUSTOM_PARAMS_READ,
    "RedemptionUpdated": Scope.CUSTOM_PARAMS_READ,
}
# The field of the event that names the row, and where that is kept.
NEEDED_ROWS: Mapping[Scope, tuple[str, Callable[[str], str]]] = {
    Scope.BARCODE_READ: ("issuance_id", issuance_key),
    Scope.CUSTOM_PARAMS_READ: ("redemption_id", redemption_key),
}


def rows_to_read(event: EventRecord, endpoint: Endpoint) -> Sequence[str]:
    """Return the keys of the rows that the body for this endpoint needs beside the event."""
    scope = _scope(event, endpoint)
    if scope is None:
        return ()
    field, key_of = NEEDED_ROWS[scope]
    named = event.data.get(field)
    return (key_of(named),) if isinstance(named, str) else ()


def body_of(event: EventRecord, endpoint: Endpoint, *, rows: Mapping[str, Row]) -> bytes:
    """Return the same bytes each time, as long as what the rows say of it is the same.

    A barcode never changes its number; what a shop attached is that of the last update.
    """
    scope = _scope(event, endpoint)
    if scope is None:
        return event.body.encode()
    read = [rows.get(key) for key in rows_to_read(event, endpoint)]
    own = [row for row in read if tenant_of(row) == event.tenant]
    more = _number(own) if scope is Scope.BARCODE_READ else _custom_params(own)
    return event.body_with(**more).encode()


def tenant_of(row: Row | None) -> str | None:
    """Return whose a row is that a body can need, None if it is none of these."""
    return row.tenant if isinstance(row, Issuance | RecordedRedemption) else None


def _scope(event: EventRecord, endpoint: Endpoint) -> Scope | None:
    """Return the scope that adds to this event, if the endpoint has it."""
    scope = SCOPES.get(event.detail_type)
    return scope if scope is not None and endpoint.may_read(scope) else None


def _number(own: Sequence[Row | None]) -> Mapping[str, object]:
    barcodes = [one.barcode for one in own if isinstance(one, Issuance) and one.barcode]
    barcode = barcodes[0] if barcodes else None
    return {
        "barcode_number": barcode.number if barcode else None,
        "barcode_image_url": barcode.picture if barcode else None,
    }


def _custom_params(own: Sequence[Row | None]) -> Mapping[str, object]:
    """Return the object that the text is, or else the text: its form is not documented."""
    texts = [one.custom_params for one in own if isinstance(one, RecordedRedemption)]
    text = texts[0] if texts else None
    content = None if text is None else _object_in(text)
    return {
        "custom_params": content,
        "custom_params_raw": text if content is None else None,
    }


def _object_in(text: str) -> Mapping[str, object] | None:
    try:
        content = strict_answer(text.encode())
    except InputRejected:
        return None
    return content if isinstance(content, dict) else None
