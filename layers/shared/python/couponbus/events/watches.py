"""The published events about watches, and about the calls that they take."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime, Field

from couponbus.domain.polling.watch_states import EndReason
from couponbus.events.base import Metadata, ProviderData, ProviderEvent


class WatchData(ProviderData):
    """Which customer an event is about."""

    program: str
    signup_id: str = Field(description="The sign-up, or other reference, that began the watch.")
    customer_ref: str = Field(description="Pseudonym of the customer, stable per tenant.")
    watch_id: str
    promotion: str | None = Field(description="Null where a watch covers all of a customer.")


class EndedData(WatchData):
    """Why a watch ended."""

    reason: str = Field(description=f"A code: {', '.join(EndReason)}; others may follow.")
    recorded: int = Field(description="Redemptions recorded in all, also before a new start.")


class LateData(WatchData):
    """How late a watch saw its customer for the first time, and what it did not publish then."""

    started_at: AwareDatetime = Field(description="When the sign-up of the watch was made, in UTC.")
    first_poll_at: AwareDatetime = Field(description="In UTC.")
    set_aside: int = Field(
        description=(
            "Redemptions that the first poll showed and that were not published with it: each may"
            " have happened before the sign-up, or since."
        )
    )


class BudgetData(ProviderData):
    """The calls that are due, and those that the account allows."""

    day: date = Field(description="In UTC.")
    calls_allowed: int | None = Field(
        description="Calls a day that the account allows, by its own limit or by its pace."
    )
    calls_due: int = Field(
        description="Calls a day that all due polls would take; first and last polls come on top."
    )
    rest_kept: bool = Field(
        description="Whether each watch is still polled within max_interval_seconds of the account."
    )


class WatchEnded(ProviderEvent):
    """A customer is no longer watched; later redemptions are not published."""

    detail_type: ClassVar[str] = "WatchEnded"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: EndedData


class FirstPollLate(ProviderEvent):
    """A watch began blind for more than ten minutes, and set redemptions aside."""

    detail_type: ClassVar[str] = "FirstPollLate"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: LateData


class PollingBudgetExceeded(ProviderEvent):
    """More polls are due than an account's budget allows; published once a day, delays grow."""

    detail_type: ClassVar[str] = "PollingBudgetExceeded"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: BudgetData
