"""Verifies a webhook of couponbus with nothing but the standard library."""

import base64
import hmac
import json
import time
from collections.abc import Mapping

TOLERANCE = 300  # seconds, to either side


def verified(secret: str, headers: Mapping[str, str], body: bytes) -> dict[str, object]:
    """Return the event in a body. Raises ValueError unless couponbus sent it within TOLERANCE."""
    given = {name.lower(): value for name, value in headers.items()}
    timestamp = given.get("webhook-timestamp", "")
    if abs(time.time() - int(timestamp)) > TOLERANCE:
        raise ValueError("too old, or from the future")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{given.get('webhook-id')}.{timestamp}.".encode() + body  # the bytes as received
    wanted = b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256"))
    signatures = given.get("webhook-signature", "").encode().split(b" ")
    if not any(hmac.compare_digest(each, wanted) for each in signatures):  # in constant time
        raise ValueError("no signature by this secret")
    event: dict[str, object] = json.loads(body)
    return event
