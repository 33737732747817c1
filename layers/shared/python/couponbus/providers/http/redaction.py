"""Redacts a provider's own text for logs: it may repeat what was sent."""

import re
import unicodedata
from collections.abc import Sequence

LENGTH_MAX = 200
_SCANNED_MAX = 4_000
_MASK = "***"
_RULES = (
    re.compile(r"\S*(?:@|%40)\S*", re.IGNORECASE),  # an e-mail, also as it stands in a URL
    re.compile(r"[A-Za-z0-9+/_=-]{20,}"),  # keys and tokens
    re.compile(r"\d(?:[ .-]?\d){7,}"),  # numbers of barcodes and telephones, also in groups
)


def redacted(text: str, *, hidden: Sequence[str] = ()) -> str:
    """Return at most 200 printable characters without e-mails, keys, numbers or `hidden`."""
    plain = "".join(_printable(character) for character in text[:_SCANNED_MAX])
    for secret in hidden:
        if secret:
            # A provider that repeats a name may write it in another case.
            plain = re.sub(re.escape(secret), _MASK, plain, flags=re.IGNORECASE)
    for rule in _RULES:
        plain = rule.sub(_MASK, plain)
    return " ".join(plain.split())[:LENGTH_MAX]


def _printable(character: str) -> str:
    # Categories C*: control, format (bidirectional marks), surrogate, unassigned.
    return " " if unicodedata.category(character).startswith("C") else character
