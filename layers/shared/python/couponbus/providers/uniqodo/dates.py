"""The three forms of Uniqodo's times, read strictly (docs/providers.md#uniqodo-dates)."""

import re
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

from couponbus.domain.polling.redemption import StatedTime

RAW_MAX = 64
YEARS = range(2000, 2100)
_OFFSET_HOURS_MAX = 14
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_ISO = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})T"
    + _TIME
    + r"(?P<fraction>\.[0-9]{1,6})?(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_DAY_FIRST = re.compile(r"(?P<day>[0-9]{2})-(?P<month>[0-9]{2})-(?P<year>[0-9]{4}) " + _TIME)


class Edge(StrEnum):
    """Which time is meant where a clock change makes a wall time occur twice, or never.

    A wall time that occurs twice has two candidates. One that is skipped has them too: with the
    offset before the change and with that after it (PEP 495).
    """

    EARLIEST = "earliest"
    LATEST = "latest"


def stated_time(text: str, *, zone: ZoneInfo, edge: Edge) -> StatedTime:
    """Return the text with its time in UTC, or without one if its form is unknown.

    The zone is for texts without an offset. Years before 2000 and after 2099 are invalid.
    """
    raw = text[:RAW_MAX]
    match = _ISO.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    if match is None:
        return StatedTime(raw=raw)
    parts = match.groupdict()
    try:
        wall = _wall(parts)
        offset = parts.get("offset")
        if offset is not None:
            return StatedTime(raw=raw, at=wall.replace(tzinfo=_fixed(offset)).astimezone(UTC))
        return StatedTime(raw=raw, at=_moment(wall, zone=zone, edge=edge), tz_assumed=True)
    except ValueError:
        return StatedTime(raw=raw)


def _wall(parts: dict[str, str | None]) -> datetime:
    names = ("year", "month", "day", "hour", "minute", "second")
    year, month, day, hour, minute, second = (int(parts[name] or 0) for name in names)
    if year not in YEARS:
        raise ValueError
    fraction = (parts.get("fraction") or ".0")[1:].ljust(6, "0")
    return datetime(year, month, day, hour, minute, second, int(fraction))


def _fixed(offset: str) -> timezone:
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > _OFFSET_HOURS_MAX or minutes > 59:  # noqa: PLR2004 - an hour has no more
        raise ValueError
    distance = timedelta(hours=hours, minutes=minutes)
    return timezone(-distance if offset[0] == "-" else distance)


def _moment(wall: datetime, *, zone: ZoneInfo, edge: Edge) -> datetime:
    both = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(both) if edge is Edge.EARLIEST else max(both)
