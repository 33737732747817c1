"""How long a provider asks us to wait, from its Retry-After header (RFC 9110, 10.2.3)."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SHORTEST = 1.0
LONGEST = 900.0
_SECONDS = re.compile(r"\d{1,12}(\.\d{1,6})?")
_DATE_MAX = 64


def retry_after(header: str | None, *, now: datetime, longest: float = LONGEST) -> float | None:
    """Return seconds from 1 to `longest`, None for a header that is absent or means nothing."""
    text = (header or "").strip()
    seconds = _number(text) if text.isascii() else None
    if seconds is None:
        seconds = _until(text, now=now)
    if seconds is None:
        return None
    return min(max(seconds, SHORTEST), longest)


def _number(text: str) -> float | None:
    if text.isdigit():
        return float(text[:15])  # any longer number is beyond the bound already
    return float(text) if _SECONDS.fullmatch(text) else None


def _until(text: str, *, now: datetime) -> float | None:
    if not text or len(text) > _DATE_MAX:
        return None
    try:
        date = parsedate_to_datetime(text)
        aware = date if date.tzinfo else date.replace(tzinfo=UTC)
        return (aware - now).total_seconds()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
