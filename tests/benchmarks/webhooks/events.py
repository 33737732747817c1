"""The event of these measurements, as the bus delivers it: a barcode was issued."""

import json
from random import Random
from uuid import UUID

from tests.architecture import tree

TENANT = "default"
SAMPLE = tree.ROOT / "events" / "samples" / "BarcodeIssued.v1.json"


def new_event_id(source: Random) -> str:
    """Return an id that no other event has."""
    return str(UUID(int=source.getrandbits(128), version=4))


def envelope(event_id: str) -> str:
    """Return the message of an event of ordinary size."""
    detail = json.loads(SAMPLE.read_text(encoding="utf-8"))
    detail["metadata"]["id"] = event_id
    return json.dumps(
        {
            "version": "0",
            "id": event_id,
            "detail-type": "BarcodeIssued",
            "source": "couponbus.barcodes",
            "account": "123456789012",
            "time": "2026-01-31T12:00:07Z",
            "region": "eu-west-1",
            "resources": [],
            "detail": detail,
        }
    )
