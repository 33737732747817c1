"""One trace id for all that follows from a sign-up, as in W3C Trace Context, Level 1."""

import hashlib
import hmac
import re
from json.encoder import encode_basestring_ascii

from couponbus.domain.identity import canonical

TRACE_DIGITS, SPAN_DIGITS = 32, 16
TRACE_ID = r"^[0-9a-f]{32}$"
VERSION = "00"
SAMPLED = "01"
TRACEPARENT_LENGTH = 55  # of version 00, and of what is read of a later one

_TRACEPARENT = re.compile(
    "(?!ff)[0-9a-f]{2}-(?P<trace_id>[0-9a-f]{32})-(?P<span_id>[0-9a-f]{16})-[0-9a-f]{2}"
)
_TRACE_ID = re.compile("[0-9a-f]{32}")


def trace_id_in(traceparent: object) -> str | None:
    """Return the trace id of a `traceparent`, None for anything that is not one."""
    if not isinstance(traceparent, str):
        return None
    found = _TRACEPARENT.match(traceparent)
    if found is None or not _ends_well(traceparent) or int(found["span_id"], 16) == 0:
        return None
    return trace_id_of(found["trace_id"])


def trace_id_of(value: object) -> str | None:
    """Return the value if it is a trace id, otherwise None."""
    is_one = isinstance(value, str) and _TRACE_ID.fullmatch(value) and int(value, 16) != 0
    return str(value) if is_one else None


def trace_id_for(*, pepper: str, tenant: str, signup_id: str) -> str:
    """Return the trace id of a sign-up: the same each time, and worthless without the pepper."""
    # As `canonical` would, at a quarter of its cost: this is done for each sign-up.
    parts = f'["trace",{encode_basestring_ascii(tenant)},{encode_basestring_ascii(signup_id)}]'
    mac = hmac.digest(pepper.encode(), parts.encode(), "sha256")
    return valid_id(mac.hex(), digits=TRACE_DIGITS)


def span_id_of(*, delivery_id: str, round_: int, attempt: int) -> str:
    """Return the id of one attempt of a delivery."""
    parts = canonical(("span", delivery_id, round_, attempt)).encode()
    return valid_id(hashlib.sha256(parts).hexdigest(), digits=SPAN_DIGITS)


def valid_id(hashed: str, *, digits: int) -> str:
    """Return the first digits of a hash; zero is no id, so that it becomes one."""
    first = hashed[:digits]
    return first if first.strip("0") else "1".zfill(digits)


def traceparent_of(trace_id: str, *, span_id: str) -> str:
    """Return the header that names a trace and a step of it."""
    return f"{VERSION}-{trace_id}-{span_id}-{SAMPLED}"


def _ends_well(traceparent: str) -> bool:
    """Whether what follows the known parts is what its version allows to follow."""
    rest = traceparent[TRACEPARENT_LENGTH:]
    return not rest or (rest.startswith("-") and not traceparent.startswith(VERSION))
