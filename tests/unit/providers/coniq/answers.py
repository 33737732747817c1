"""A barcode as Coniq answers it, and what it means."""

from datetime import UTC, date, datetime

from couponbus.domain.issuing.barcode import Barcode

WHOLE: dict[str, object] = {
    "barcode_number": "0024000000000001",
    "offer_id": 101,
    "customer_id": 7,
    "channel": "MAIL",
    "tracking_code": "sig-a",
    "image_url": "https://images.example.test/1.png",
    "active": True,
    "expiry_date": "2026-12-31",
    "created_datetime_utc": "2026-11-22T10:00:00+00:00",
}
BARCODE = Barcode(
    number="0024000000000001",
    offer_id=101,
    customer_id=7,
    channel="MAIL",
    tracking_code="sig-a",
    image_url="https://images.example.test/1.png",
    active=True,
    expires_on=date(2026, 12, 31),
    created_at=datetime(2026, 11, 22, 10, tzinfo=UTC),
)
