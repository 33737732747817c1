"""Messages between our own functions."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from couponbus.domain.provider import Provider
from couponbus.events.base import Command
from couponbus.events.field_types import CustomerId, Email, Moment, Name

KEYS_PER_COMMAND = 50
KEYS_MAX = 200  # what one POST carries
SPANS_PER_COMMAND = 100
CUSTOMERS_PER_COMMAND = 25
DELIVERIES_PER_COMMAND = 10

type Key = Annotated[str, StringConstraints(max_length=128, pattern=r"^[A-Z]+#[\x21-\x7e]+$")]


class ContinueWork(Command):
    """Continue these ledger rows, each with the next step that it needs."""

    type: Literal["ContinueWork"] = "ContinueWork"
    keys: Annotated[tuple[Key, ...], Field(min_length=1, max_length=KEYS_MAX)]


class SpanReference(BaseModel):
    """A part of a cohort's shard, by its first and its last place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cohort: Annotated[str, StringConstraints(max_length=64, pattern=r"^[AE]#[A-Z2-7]+#[0-9]+$")]
    shard: int
    first: Annotated[str, StringConstraints(max_length=32)]
    last: Annotated[str, StringConstraints(max_length=32)]


class PolledList(BaseModel):
    """The filter of the lists that are polled; the names are Koupon's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: str | None = None
    digital_property_code: str | None = None
    publishedonly: bool | None = None
    storeid: tuple[str, ...] = ()


class PollSpans(Command):
    """Poll the watches of these spans, which are due. It names no customer."""

    type: Literal["PollSpans"] = "PollSpans"
    provider: Provider
    account: str
    planned_at: Moment
    useless_after: Moment = Field(description="By then the next poll is due, or soon will be.")
    spans: Annotated[tuple[SpanReference, ...], Field(min_length=1, max_length=SPANS_PER_COMMAND)]
    list_filter: PolledList | None = None


class WatchedCustomer(BaseModel):
    """A customer to watch, under the names that the providers know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reference: Name = Field(description="Your own id of it; `couponbus why` finds it by that.")
    coniq_customer_id: CustomerId | None = None
    koupon_consumer: Name | None = Field(default=None, repr=False)
    uniqodo_user_id: Name | None = Field(default=None, repr=False)
    email: Email | None = Field(default=None, repr=False)


class WatchCustomers(Command):
    """Watch what a program watches for these customers too, whenever they signed up."""

    type: Literal["WatchCustomers"] = "WatchCustomers"
    program: Name
    tenant: Name = "default"
    customers: Annotated[
        tuple[WatchedCustomer, ...], Field(min_length=1, max_length=CUSTOMERS_PER_COMMAND)
    ]


class EndWatches(Command):
    """End the watches of these customers; `erased` also deletes their data, for good."""

    type: Literal["EndWatches"] = "EndWatches"
    reason: Literal["cancelled", "erased"]
    keys: Annotated[tuple[Key, ...], Field(min_length=1, max_length=KEYS_PER_COMMAND)]


class AttemptDeliveries(Command):
    """Send these webhooks, all to one endpoint; `first` ones wait if it is failing."""

    type: Literal["AttemptDeliveries"] = "AttemptDeliveries"
    attempt: Literal["first", "again"]
    endpoint_id: Name
    keys: Annotated[tuple[Key, ...], Field(min_length=1, max_length=DELIVERIES_PER_COMMAND)]


class QuarantineLetter(Command):
    """Why a message was quarantined, and how to find it at its producer; never its payload."""

    type: Literal["QuarantineLetter"] = "QuarantineLetter"
    reason: str
    fields: tuple[str, ...]
    message_id: str
    event_id: str | None
    signup_id: str | None
    sha256: str
    size: int = Field(description="Bytes of the message body.")
    received_at: str
    source: str | None = Field(default=None, description="The source of the event, if readable.")
    queue: str | None = Field(default=None, description="The queue in which the message lay.")
