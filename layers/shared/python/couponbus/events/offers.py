"""The published events about offers: available, ended, expiring soon, few codes left."""

from typing import ClassVar

from pydantic import AwareDatetime, Field

from couponbus.events.base import Metadata, ProviderData, ProviderEvent
from couponbus.events.watches import WatchData


class AvailableData(WatchData):
    """What a customer can redeem now."""

    offer_id: str | None
    ends_at: AwareDatetime | None = Field(description="In UTC; null where the provider is silent.")


class NewOfferData(AvailableData):
    """What a customer can redeem now, as the provider shows it; null where it is silent."""

    title: str | None = Field(default=None, max_length=200)
    style: str | None = Field(
        default=None,
        description="coupon, loyalty_card, native_ad, redirect or other; others may follow.",
    )
    image_url: str | None = Field(
        default=None, max_length=2048, description="Its picture, by http or https."
    )
    starts_at: AwareDatetime | None = Field(
        default=None, description="In UTC; the later of its start and its publication."
    )
    client_id: int | None = Field(
        default=None, description="Which client of the provider it belongs to."
    )


class OfferEndedData(AvailableData):
    """What a customer cannot redeem any more."""

    reason: str = Field(description="A code: expired, used_up, withdrawn; others may follow.")
    inferred: bool = Field(
        description="Concluded: it left the list one redemption short of its limit."
    )


class ExpiringData(WatchData):
    """What a customer can redeem only for a while."""

    offer_id: str | None
    expires_at: AwareDatetime = Field(description="In UTC.")


class ValidityData(WatchData):
    """Why a customer's code is not valid for use, as far as its provider says."""

    offer_id: str | None
    errors: list[int] = Field(
        description=(
            "All of the provider's error numbers that a poll shows now, in order, at most ten;"
            " empty: none any more. That a code was redeemed is none of them: it is published as"
            " the redemption that it is."
        )
    )


class StockData(ProviderData):
    """How many codes are left for all customers together."""

    offer_id: str
    left: int
    threshold: int = Field(description="At this number or less, the event is sent.")


class OfferAvailable(ProviderEvent):
    """A customer got an offer since the watch began."""

    detail_type: ClassVar[str] = "OfferAvailable"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: NewOfferData


class OfferEnded(ProviderEvent):
    """A customer no longer has an offer, and why."""

    detail_type: ClassVar[str] = "OfferEnded"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: OfferEndedData


class OfferStockLow(ProviderEvent):
    """Few codes of an offer are left; published again only after the stock recovered."""

    detail_type: ClassVar[str] = "OfferStockLow"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: StockData


class BarcodeExpiring(ProviderEvent):
    """A customer's code expires soon; published once for each expiry."""

    detail_type: ClassVar[str] = "BarcodeExpiring"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: ExpiringData


class CodeValidityChanged(ProviderEvent):
    """A customer's code is not valid for use, for other reasons than before, or is valid again."""

    detail_type: ClassVar[str] = "CodeValidityChanged"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: ValidityData
