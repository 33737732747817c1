"""Durations and moments as an operator types them."""

import re
from datetime import UTC, datetime, timedelta

import typer

from couponbus.events.field_types import EARLIEST, LATEST
from couponbus_cli.app.formatting import DAY, HOUR, MINUTE

SECONDS = {"s": 1, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY}
LONGEST = timedelta(days=3650)
_SPAN = re.compile(r"([0-9]{1,9})(s|min|m|h|d)")

type Typed = datetime | timedelta


def span_of(text: str, *, option: str) -> timedelta:
    """Parse a duration such as `24h`. Raises BadParameter."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(f"{option}: write a duration such as 90s, 30min, 24h or 7d")
    return min(timedelta(seconds=int(found[1]) * SECONDS[found[2]]), LONGEST)


def typed_moment(text: str, *, option: str) -> Typed:
    """Parse a duration before now (`24h`) or a moment (ISO 8601). Raises BadParameter."""
    if _SPAN.fullmatch(text.strip()):
        return span_of(text, option=option)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not EARLIEST <= moment <= LATEST:
        raise typer.BadParameter(
            f"{option}: write how long ago (24h), or a moment with its zone (2026-06-01T12:00Z)"
        )
    return moment.astimezone(UTC)


def moment_of(typed: Typed, *, now: datetime) -> datetime:
    """Return the absolute moment."""
    return now - typed if isinstance(typed, timedelta) else typed
