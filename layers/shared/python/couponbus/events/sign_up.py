"""The event that starts everything: a customer signed up somewhere."""

from datetime import UTC, date, datetime
from typing import Annotated, ClassVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from couponbus.domain.invisible import INVISIBLE
from couponbus.domain.trace import TRACEPARENT_LENGTH, trace_id_in
from couponbus.events.base import ReceivedEvent

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


def _only_if_valid(traceparent: object) -> str | None:
    """Return it without what a later version appends; it must never cost a sign-up."""
    return str(traceparent)[:TRACEPARENT_LENGTH] if trace_id_in(traceparent) else None


type Moment = Annotated[AwareDatetime, BeforeValidator(_iso_only), AfterValidator(_storable)]
type Day = Annotated[date, BeforeValidator(_iso_only)]
type CustomerId = Annotated[int, Field(strict=True, gt=0, lt=2**63)]


class Customer(BaseModel):
    """Who signed up, under the names that the providers know; give what the programs need."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    coniq_customer_id: CustomerId | None = None
    koupon_consumer: Name | None = None
    uniqodo_user_id: Name | None = None
    email: Email | None = Field(default=None, repr=False)
    birth_date: Day | None = Field(default=None, repr=False)


class CustomerSignedUp(ReceivedEvent):
    """A customer signed up; matched against the programs to decide what to issue."""

    detail_type: ClassVar[str] = "CustomerSignedUp"
    version: ClassVar[int] = 1

    signup_id: Name = Field(
        description="The producer's own id of this sign-up, used for no other one."
    )
    occurred_at: Moment
    tenant: Name = "default"
    customer: Customer
    consents: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    attributes: Annotated[dict[Name, Attribute], Field(max_length=50)] = Field(
        default_factory=dict, description="Free; programs may match on it."
    )
    traceparent: Annotated[
        str | None, BeforeValidator(_only_if_valid, json_schema_input_type=object)
    ] = Field(
        default=None,
        examples=["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
        description=(
            "W3C Trace Context: all that follows from this sign-up gets its trace id. One that is"
            " not valid is ignored, and never a reason to refuse the sign-up."
        ),
    )

    @property
    def trace_id(self) -> str | None:
        """The trace id that the producer gave, None if it gave none that is valid."""
        return trace_id_in(self.traceparent)
