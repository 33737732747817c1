"""One signed message, and the verdict on it or on a variant of it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from couponbus.domain.webhooks.signature import Forged, checked, signed

KEY = bytes(range(32))
OLD_KEY = bytes(range(100, 124))
WRONG_KEY = bytes(range(64))
ID = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"
BODY = '{"type":"BarcodeIssued","name":"Zoë 🎟"}'.encode()
AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECONDS = str(int(AT.timestamp()))


def problem(
    *,
    body: bytes = BODY,
    message_id: str = ID,
    timestamp: str = SECONDS,
    signatures: str | None = None,
    keys: Sequence[bytes] = (KEY,),
    now: datetime = AT,
) -> Forged | None:
    if signatures is None:
        signatures = signed(message_id=ID, at=AT, body=BODY, keys=[KEY])
    return checked(
        message_id=message_id,
        timestamp=timestamp,
        signatures=signatures,
        body=body,
        keys=keys,
        now=now,
    )
