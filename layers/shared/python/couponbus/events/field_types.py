"""Types of fields that several messages have."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from couponbus.domain.invisible import INVISIBLE

# What the table can store, in any zone, with room for what is computed from it.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)

# No control characters or line ends: such text reaches logs, keys and providers.
PRINTABLE = r"^[^\x00-\x1f\x7f-\u009f\u2028\u2029]*$"


def _legible(name: str) -> str:
    """Refuse what readers would see as another name, or as none; Rust did the rest."""
    if name.isspace():
        raise PydanticCustomError("blank", "a name is needed")
    if not name.isascii() and INVISIBLE.search(name):
        raise PydanticCustomError("invisible_character", "visible characters are needed")
    return name


type Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=128, pattern=PRINTABLE),
    AfterValidator(_legible),
]
type Text = Annotated[str, StringConstraints(max_length=1024, pattern=PRINTABLE)]
type Email = Annotated[
    str,
    StringConstraints(
        min_length=3, max_length=254, pattern=r"^[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+$"
    ),
]
type Attribute = Text | bool | int | float | list[Text] | None


def _iso_only(value: object) -> object:
    """Refuse what pydantic would take for seconds since the epoch."""
    if isinstance(value, date) or (isinstance(value, str) and "-" in value[1:]):
        return value
    raise ValueError("an ISO 8601 text is needed")


def _storable(moment: datetime) -> datetime:
    """Refuse what leaves the calendar in some zone, or is a placeholder for no time at all."""
    # The year decides nearly all, and is quicker to read than an offset from UTC.
    if EARLIEST.year < moment.year < LATEST.year or EARLIEST <= moment <= LATEST:
        return moment
    raise PydanticCustomError("moment_out_of_range", "a moment from 1970 to 9999 is needed")


type Moment = Annotated[AwareDatetime, BeforeValidator(_iso_only), AfterValidator(_storable)]
type Day = Annotated[date, BeforeValidator(_iso_only)]
type CustomerId = Annotated[int, Field(strict=True, gt=0, lt=2**63)]
