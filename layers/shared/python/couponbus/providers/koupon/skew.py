"""How far our clock and the provider's are apart, by the Date header of its answer."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_DATE_MAX = 64


def clock_skew(header: str | None, *, now: datetime) -> float | None:
    """Return the distance in seconds, or None for a header that is absent or means nothing."""
    if not header or len(header) > _DATE_MAX:
        return None
    try:
        date = parsedate_to_datetime(header)
        aware = date if date.tzinfo else date.replace(tzinfo=UTC)
        return abs((aware - now).total_seconds())
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
