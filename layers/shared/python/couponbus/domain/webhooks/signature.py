"""Standard Webhooks signatures: signing of webhooks that are sent, checking of those received.

What is signed is `id.timestamp.body`, byte for byte as it travels (Standard Webhooks 1.0,
"Signature scheme"); a scheme other than `v1` is ignored.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from couponbus.domain.errors import ConfigurationInvalid

PREFIX = "whsec_"
VERSION = "v1"
KEY_BYTES = range(24, 65)
TOLERANCE = timedelta(minutes=5)
ID_MAX = 128
SIGNATURES_MAX = 16  # of one header; more than any rotation has
_ID = re.compile(r"[\x21-\x2d\x2f-\x7e]+")  # printable, and no dot: it would move the parts
_SECONDS = re.compile(r"[0-9]{1,12}")


class Forged(StrEnum):
    """Why a message is not accepted as its sender's."""

    ID = "webhook_id"
    TIMESTAMP = "webhook_timestamp"
    TOO_OLD = "timestamp_too_old"
    TOO_NEW = "timestamp_too_new"
    SIGNATURE = "webhook_signature"


def key_of(secret: str) -> bytes:
    """Return the key in a secret, with or without its prefix. Raises ConfigurationInvalid."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX).encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        key = b""
    if len(key) not in KEY_BYTES:
        raise ConfigurationInvalid("a signing secret is whsec_ and 24 to 64 bytes in base64")
    return key


def secret_of(key: bytes) -> str:
    """Return a key as a secret that can be given to a subscriber."""
    return PREFIX + base64.b64encode(key).decode()


def signed(*, message_id: str, at: datetime, body: bytes, keys: Sequence[bytes]) -> str:
    """Return the value of `webhook-signature`, one signature for each key."""
    content = _content(message_id, str(int(at.timestamp())), body)
    return " ".join(f"{VERSION},{_signature(key, content)}" for key in keys)


def is_message_id(text: str) -> bool:
    """Whether a message can be signed under this id."""
    return len(text) <= ID_MAX and _ID.fullmatch(text) is not None


def checked(
    *,
    message_id: str,
    timestamp: str,
    signatures: str,
    body: bytes,
    keys: Sequence[bytes],
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> Forged | None:
    """Return what is wrong with a received message, None for one that its sender signed.

    Every signature is compared with every key, in constant time.
    """
    if not is_message_id(message_id):
        return Forged.ID
    if not _SECONDS.fullmatch(timestamp):
        return Forged.TIMESTAMP
    age = now.timestamp() - int(timestamp)
    content = _content(message_id, timestamp, body)
    if not _matches(signatures, [_signature(key, content) for key in keys]):
        return Forged.SIGNATURE
    if age > tolerance.total_seconds():
        return Forged.TOO_OLD
    return Forged.TOO_NEW if -age > tolerance.total_seconds() else None


def _content(message_id: str, timestamp: str, body: bytes) -> bytes:
    return b".".join((message_id.encode(), timestamp.encode(), body))


def _signature(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.digest(key, content, "sha256")).decode()


def _matches(header: str, wanted: Sequence[str]) -> bool:
    given = [part.partition(",") for part in header.split(" ")[:SIGNATURES_MAX]]
    found = False
    for version, _, signature in given:
        for one in wanted:
            # No early exit: the time it takes must not reveal how close a guess was.
            same = hmac.compare_digest(signature.encode("utf-8", "replace"), one.encode())
            found = found or (same and version == VERSION)
    return found
