"""The accounts of a stage at the three providers."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from couponbus_config.account_ids import NamedAccount
from couponbus_config.validated import Hours, Positive, Rate, Seconds, Share, validated


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class ConiqAccount(NamedAccount):
    """One brand at Coniq (docs/providers.md#coniq); its key is a secret.

    The brake stops all POSTs until `couponbus account resume`: after `brake_answers` successes in a
    row that are not understood, or when in an hour at least `brake_items` items were refused or
    came back other than requested, and are more than `brake_share` of the items sent.
    """

    base_url: str = ""
    """The https URL of Coniq's API; only the stage on this machine has none."""
    calls_per_second: Rate = 3
    batch_max: Annotated[int, Field(ge=1, le=200)] = 200
    """How many barcodes one call requests at most."""
    batch_envelope: str | None = None
    lookup: Literal["tracking_code", "customer_and_offer"] = "tracking_code"
    item_errors_trusted: bool = False
    absence_status: Literal[404] | None = None
    """404 where `couponbus probe` saw that a look-up that finds nothing is answered with it."""
    brake_share: Share = 0.2
    brake_items: Positive = 20
    brake_answers: Positive = 3


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """The callbacks of an account: the tenant of its customers, and the names of the fields."""

    tenant: str = "default"
    promotion_field: str = "promotionId"
    user_field: str = "userId"


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class UniqodoAccount(NamedAccount):
    """One account at Uniqodo (docs/providers.md#uniqodo); its key is a secret."""

    base_url: str = ""
    """The https URL of Uniqodo's API; only the stage on this machine has none."""
    prefix: Literal["publisher", "distributor"] = "publisher"
    zone: str = "Europe/London"
    """The time zone of times without an offset."""
    calls_per_second: Rate = 2
    calls_per_day: Positive | None = None
    max_interval_hours: Hours = 48
    """A watch is polled at least once in this time, if the calls suffice for two polls of each."""
    watched_customers: Positive | None = None
    """How many are to be watched: the synthesis warns if the calls do not suffice for them."""
    callbacks: Callbacks = Callbacks()


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class KouponAccount(NamedAccount):
    """One account at Koupon Media (docs/providers.md#koupon-media).

    Identifier and secret are one secret of ours.
    """

    base_url: str = ""
    """The https URL of Koupon's API; only the stage on this machine has none."""
    timezone: str = "America/Chicago"
    skew_seconds: Seconds = 300
    adult_offers: Literal["withheld", "for_authenticated"] = "withheld"
    calls_per_second: Rate = 3
    calls_per_day: Positive | None = None
    max_interval_hours: Hours = 48
    watched_customers: Positive | None = None
