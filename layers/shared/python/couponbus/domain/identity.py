"""Keys that can be recomputed from the facts alone, so that a repeated fact finds its row."""

import hashlib
import hmac
import json
import uuid
from json.encoder import encode_basestring_ascii

ID_LENGTH = 26
EVENT_NAMESPACE = uuid.UUID("5f0e4d3a-5d0c-5c55-9a3e-6b8f3c1d2e4f").bytes
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAIRS = tuple(first + second for first in _LETTERS for second in _LETTERS)
_SHIFTS = tuple(range(120, -1, -10))  # of thirteen pairs, the first 130 bits

canonical = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode


def digest(*parts: str | int) -> str:
    """Return 26 characters of [A-Z2-7] that stand for these parts in this order."""
    # As `canonical(parts)` would, at a third of its cost: this is done for each sign-up and watch.
    text = f"[{','.join([_text(part) for part in parts])}]"
    return _letters(hashlib.sha256(text.encode()).digest())


def issuance_id(
    *, tenant: str, account: str, customer_id: int, offer_id: int, occurrence: str
) -> str:
    """Identify one barcode owed to one customer for one offer, by any program."""
    return digest("issuance", tenant, account, customer_id, offer_id, occurrence)


def resolution_id(*, tenant: str, program: str, signup_id: str) -> str:
    """Identify a sign-up that waits until its program's account knows the customer."""
    return digest("resolution", tenant, program, signup_id)


def customer_ref(*, pepper: str, tenant: str, customer: str) -> str:
    """Return the pseudonym of a customer: stable, and worthless without the pepper."""
    mac = hmac.digest(pepper.encode(), f"{tenant}\x1f{customer}".encode(), "sha256")
    return "cus_" + _letters(mac)


def event_id(*, entity: str, detail_type: str, version: int) -> str:
    """Return the event id of a fact, the same each time it is derived."""
    name = f"{entity}:{detail_type}:{version}".encode()
    # As `uuid.uuid5` would, at a third of its cost: this is done for each event.
    hashed = hashlib.sha1(EVENT_NAMESPACE + name, usedforsecurity=False).hexdigest()
    variant = "89ab"[int(hashed[16], 16) & 3]
    return f"{hashed[:8]}-{hashed[8:12]}-5{hashed[13:16]}-{variant}{hashed[17:20]}-{hashed[20:32]}"


def _text(part: str | int) -> str:
    # By class: an enumeration is a text and a truth value a number, but neither is written as one.
    if part.__class__ is str:
        return encode_basestring_ascii(part)
    return str(part) if part.__class__ is int else canonical(part)


def _letters(hashed: bytes) -> str:
    # As `base64.b32encode` would, at half its cost: this is done several times for each sign-up.
    bits = int.from_bytes(hashed[:17]) >> 6
    return "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])
