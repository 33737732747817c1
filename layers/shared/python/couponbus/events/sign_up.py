"""The event that starts everything: a customer signed up somewhere."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from couponbus.domain.trace import TRACEPARENT_LENGTH, trace_id_in
from couponbus.events.base import ReceivedEvent
from couponbus.events.field_types import Attribute, CustomerId, Day, Email, Moment, Name


def _only_if_valid(traceparent: object) -> str | None:
    """Return it without what a later version appends; it must never cost a sign-up."""
    return str(traceparent)[:TRACEPARENT_LENGTH] if trace_id_in(traceparent) else None


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
