"""The published events about redemptions: each is recorded once, then updated and reversed."""

from typing import ClassVar

from pydantic import AwareDatetime, Field

from couponbus.events.base import Metadata, ProviderEvent
from couponbus.events.watches import WatchData

AMOUNT = "A decimal number as the provider wrote it, in `currency`."
WITHOUT_VAT = f"The value of the transaction, excluding VAT. {AMOUNT}"


class RedemptionData(WatchData):
    """The redemption as it is known now, without what would lead to the person or the code."""

    redemption_id: str = Field(description="Ours: the same in each event about a redemption.")
    native_id: str | None = Field(description="The provider's; null where it only counts.")
    ordinal: int | None = Field(
        description=(
            "Where the provider only counts: its number among those counted since the watch"
            " began, for this offer; 0 and less were there before."
        )
    )
    offer_id: str | None
    merchant_id: str | None
    code_masked: str | None = Field(description="The code with all but its last digits hidden.")
    order_value: str | None = Field(description=WITHOUT_VAT)
    discount_value: str | None = Field(description=AMOUNT)
    currency: str | None
    redeemed_at: AwareDatetime | None = Field(
        description="In UTC; null where the provider gave no time, or none that can be read."
    )
    redeemed_at_raw: str | None = Field(description="The time in the provider's words.")
    tz_assumed: bool = Field(
        description="The provider's words named no zone, so that the account's was taken."
    )
    seen_after: AwareDatetime | None = Field(
        description=(
            "It was not shown yet at this moment, the last poll that stored anything; for what the"
            " first poll of a watch counts or infers, the sign-up; null where there was none."
        )
    )
    seen_at: AwareDatetime = Field(description="When a poll first showed it.")
    inferred: bool = Field(
        description=(
            "Concluded, not shown: its offer left the list one short of its limit; or the first"
            " poll counted it, or showed it without a legible time, and the program says that the"
            " sign-up made the customer (`customers: new`), so that it happened since."
        )
    )
    order_id: str | None = Field(
        default=None,
        description=(
            "The shop's reference of the transaction; null where there is none, or one that is no"
            " plain reference."
        ),
    )
    distributor_id: str | None = Field(
        default=None, description="Who issued the code, as the provider names it."
    )
    tags: list[str] = Field(
        default_factory=list, description="Labels that the offer has at the provider, sorted."
    )


class ReversedData(RedemptionData):
    """A redemption that no longer stands."""

    was_recorded: bool = Field(
        description=(
            "False: it was there before the sign-up, so it was not published; `seen_at` is then"
            " when it was missed."
        )
    )


class RedemptionRecorded(ProviderEvent):
    """A customer redeemed."""

    detail_type: ClassVar[str] = "RedemptionRecorded"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: RedemptionData


class RedemptionUpdated(ProviderEvent):
    """A redemption has other values, or stands again after a reversal; the event has all of it."""

    detail_type: ClassVar[str] = "RedemptionUpdated"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: RedemptionData


class RedemptionReversed(ProviderEvent):
    """A redemption was taken back; one with a `native_id` may stand again, as an update."""

    detail_type: ClassVar[str] = "RedemptionReversed"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: ReversedData
