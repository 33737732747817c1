"""The event that starts everything: a customer signed up somewhere."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from couponbus.events.base import ReceivedEvent

# No control characters or line ends: such text reaches logs, keys and providers.
PRINTABLE = r"^[^\x00-\x1f\x7f-\u009f\u2028\u2029]*$"

type Name = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=PRINTABLE)]
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


type Moment = Annotated[AwareDatetime, BeforeValidator(_iso_only)]
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
