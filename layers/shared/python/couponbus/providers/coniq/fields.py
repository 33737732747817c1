"""Single fields of Coniq's responses, in every known form; None for any other form."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

_DIGITS = re.compile(r"[0-9]{1,19}")


def _number(value: object) -> object:
    # pydantic would read true as 1 and "1_0" as 10.
    if isinstance(value, bool) or (isinstance(value, str) and not _DIGITS.fullmatch(value)):
        raise ValueError("not an id")
    return value


_RANGE = Field(ge=1, le=2**63 - 1)
_Whole = Annotated[int, Field(strict=True), _RANGE]
_Written = Annotated[int, BeforeValidator(_number), _RANGE]
# Almost every id is a whole number, which pydantic reads without calling Python.
Id = Annotated[_Whole | _Written, Field(union_mode="left_to_right")]
_ID: TypeAdapter[int] = TypeAdapter(Id)


def as_id(value: object) -> int | None:
    """Return a positive id from an integer or its digits."""
    try:
        return _ID.validate_python(value)
    except ValidationError:
        return None


def as_text(value: object) -> str | None:
    """Return a text, None for an empty one."""
    if isinstance(value, str):
        return value or None
    # A tracking code of digits only may arrive as a number.
    return str(value) if type(value) is int else None


def as_flag(value: object) -> bool | None:
    """Return a truth value, also from a number or a word for it."""
    if value is None or isinstance(value, bool):
        return value
    return {"1": True, "true": True, "0": False, "false": False}.get(str(value).lower())


def as_day(value: object) -> date | None:
    """Return the date that a text starts with; None for `0000-00-00` and the like."""
    return _day(value) if isinstance(value, str) else None


def as_moment(value: object) -> datetime | None:
    """Return a time in UTC; one without an offset is UTC, as the field's name says."""
    return _moment(value) if isinstance(value, str) else None


# The barcodes of a batch are made in the same second and expire on the same day.
@lru_cache(maxsize=64)
def _day(text: str) -> date | None:
    day = text.strip()[:10]
    try:
        return date.fromisoformat(day) if day[4:5] == "-" else None
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _moment(text: str) -> datetime | None:
    text = text.strip()
    # The form is checked first: seconds since the epoch must not be read as a date.
    if text[4:5] != "-" or text[7:8] != "-":
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
