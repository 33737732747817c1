"""What couponbus tells of the customers whom it watches, and of the calls that this takes."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from couponbus.domain.polling.watch import EndReason
from couponbus.events.base import Metadata, ProviderData, ProviderEvent


class WatchData(ProviderData):
    """Which customer an event is about."""

    program: str
    signup_id: str = Field(description="The sign-up, or other reference, that began the watch.")
    customer_ref: str = Field(description="Pseudonym of the customer, stable per tenant.")
    watch_id: str
    promotion: str | None = Field(description="Null where a watch covers all of a customer.")


class EndedData(WatchData):
    """Why nobody looks any more."""

    reason: str = Field(description=f"A code: {', '.join(EndReason)}; others may follow.")
    recorded: int = Field(description="Redemptions recorded in all, also before a new start.")


class BudgetData(ProviderData):
    """What was asked for, and what there was."""

    day: date = Field(description="In UTC.")
    calls_allowed: int | None = Field(
        description="Calls a day that the account allows, by its own limit or by its pace."
    )
    calls_due: int = Field(
        description="Calls a day that everybody's turns would take; first and last looks are more."
    )
    rest_kept: bool = Field(
        description="Whether even so everybody is looked at within the account's longest rest."
    )


class WatchEnded(ProviderEvent):
    """A customer is watched no more; what is redeemed from now on is not told."""

    detail_type: ClassVar[str] = "WatchEnded"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: EndedData


class PollingBudgetExceeded(ProviderEvent):
    """More polls are due than an account's budget allows; told once a day, delays grow."""

    detail_type: ClassVar[str] = "PollingBudgetExceeded"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: BudgetData
