"""The bodies of the requests that issue barcodes (docs/providers.md#coniq-batches)."""

import json
from collections.abc import Sequence

from couponbus.domain.issuing.barcode import BarcodeRequest


def request_body(request: BarcodeRequest) -> bytes:
    """Return the body of POST /barcode."""
    return json.dumps(_item(request), separators=(",", ":")).encode()


def batch_body(requests: Sequence[BarcodeRequest], *, envelope: str | None) -> bytes:
    """Return the body of POST /barcode/batch: an array, or an object with it at `envelope`."""
    items = [_item(request) for request in requests]
    body = items if envelope is None else {envelope: items}
    return json.dumps(body, separators=(",", ":")).encode()


def _item(request: BarcodeRequest) -> dict[str, object]:
    return {
        "offer_id": request.offer_id,
        "customer_id": request.customer_id,
        "channel": request.channel.value,
        "tracking_code": request.tracking_code,
    }
