"""How far our clock and the provider's are apart, by the Date header of its answer."""

from datetime import datetime

from couponbus.providers.http.retries import http_date


def clock_skew(header: str | None, *, now: datetime) -> float | None:
    """Return the distance in seconds, or None for a header that is absent or means nothing."""
    date = http_date(header or "")
    return None if date is None else abs((date - now).total_seconds())
