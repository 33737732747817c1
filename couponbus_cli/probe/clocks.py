"""The clock of a provider, by the Date header of its answers."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from couponbus_cli.probe.caller import Reply

_DATE_MAX = 64


def provider_time(reply: Reply) -> datetime | None:
    """Return the moment in UTC, None if the answer has no valid Date."""
    text = reply.headers.get("Date", "")
    if not 0 < len(text) <= _DATE_MAX:
        return None
    try:
        stated = parsedate_to_datetime(text)
        return stated.astimezone(UTC) if stated.tzinfo else stated.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def seconds_ahead(reply: Reply) -> float | None:
    """Return how far the provider's clock is ahead of ours."""
    theirs = provider_time(reply)
    return None if theirs is None else (theirs - reply.received_at).total_seconds()
