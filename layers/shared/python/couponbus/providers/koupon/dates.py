"""Koupon's dates, such as `03-15-13 11:00:00 AM`: no zone (docs/providers.md#koupon-dates)."""

import re
from datetime import UTC, date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

CENTURY = 2000
_MOMENT = re.compile(
    r"(?P<month>\d\d)-(?P<day>\d\d)-(?P<year>\d\d)"
    r" (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d) (?P<half>AM|PM)",
    re.ASCII,
)
_NOON = 12


class DateStyle(StrEnum):
    """How fromdt and todt are written; Koupon does not say (docs/providers.md#koupon-requests)."""

    MONTH_DAY_YEAR = "%m-%d-%y"
    MONTH_DAY_LONG_YEAR = "%m-%d-%Y"
    ISO = "%Y-%m-%d"


def read_moment(raw: str, *, zone: ZoneInfo) -> datetime | None:
    """Return the time in UTC, or None for a text that is not exactly of the known form.

    Years are 2000 to 2099. Of an hour that a clock change repeats, the first is meant; a skipped
    time is read with the offset before the change, so it falls after the gap.
    """
    found = _MOMENT.fullmatch(raw)
    if found is None:
        return None
    hour = int(found["hour"])
    if not 1 <= hour <= _NOON:
        return None
    try:
        local = datetime(
            CENTURY + int(found["year"]),
            int(found["month"]),
            int(found["day"]),
            hour % _NOON + (_NOON if found["half"] == "PM" else 0),
            int(found["minute"]),
            int(found["second"]),
            tzinfo=zone,
        )
    except ValueError:
        return None
    return local.astimezone(UTC)


def written(day: date, *, style: DateStyle) -> str:
    """Return the day in this style."""
    return day.strftime(style)
