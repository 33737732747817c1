"""The skew between our clock and the provider's, by the Date header of its response."""

from datetime import datetime

from couponbus.providers.http.retries import http_date


def clock_skew(header: str | None, *, now: datetime) -> float | None:
    """Return the skew in seconds, or None for a header that is absent or invalid."""
    date = http_date(header or "")
    return None if date is None else abs((date - now).total_seconds())
