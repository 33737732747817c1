"""Whether and when to retry a GET: transient failures, and the Retry-After header.

See docs/providers.md#retry-matrix.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from couponbus.providers.http.failure import Failure

REPEATS_MAX = 2
SHORTEST = 1.0
LONGEST = 900.0
_SECONDS = re.compile(r"\d{1,12}(\.\d{1,6})?")
_DATE_MAX = 64
_PAUSES = (0.2, 0.6)
PASSING_STATUSES = frozenset({500, 502, 504})
_PASSING_FAILURES = frozenset(
    {
        Failure.NAME_NOT_RESOLVED,
        Failure.NOT_CONNECTED,
        Failure.CONNECT_TIMEOUT,
        Failure.CONNECTION_LOST,
        Failure.BROKEN_ANSWER,
    }
)


def pause_before_repeat(
    result: int | Failure,
    *,
    repeats: int,
    left: float,
    statuses: frozenset[int] = PASSING_STATUSES,
    most: int = REPEATS_MAX,
) -> float | None:
    """Return the seconds to wait before a retry, None when a retry cannot help.

    `result` is a status or the failure without one; `statuses` are the transient ones.
    The caller allows `most` retries, and there are never more than two.
    503 is left to the rate limiter unless the provider's documentation says otherwise: it mostly
    asks for fewer calls.
    """
    passing = result in (_PASSING_FAILURES if isinstance(result, Failure) else statuses)
    if not passing or repeats >= min(most, REPEATS_MAX):
        return None
    pause = _PAUSES[repeats]
    return pause if pause < left else None


def retry_after(header: str | None, *, now: datetime, longest: float = LONGEST) -> float | None:
    """Return seconds from 1 to `longest`, None for a header that is absent or invalid.

    See RFC 9110, 10.2.3.
    """
    text = (header or "").strip()
    seconds = _number(text) if text.isascii() else None
    if seconds is None and (date := http_date(text)) is not None:
        seconds = (date - now).total_seconds()
    return None if seconds is None else min(max(seconds, SHORTEST), longest)


def http_date(text: str) -> datetime | None:
    """Return the time in a header, None for an invalid one."""
    if not text or len(text) > _DATE_MAX:
        return None
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _number(text: str) -> float | None:
    if text.isdigit():
        return float(text[:15])  # any longer number is beyond the bound already
    return float(text) if _SECONDS.fullmatch(text) else None
