"""An offer as one consumer sees it, independent of its provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class OfferStyle(StrEnum):
    """What a consumer does with it; OTHER is a style that is unknown here."""

    COUPON = "coupon"
    LOYALTY_CARD = "loyalty_card"
    NATIVE_AD = "native_ad"
    REDIRECT = "redirect"
    OTHER = "other"


class Visibility(StrEnum):
    """PRIVATE offers are for the consumers that they were triggered for."""

    PUBLIC = "public"
    PRIVATE = "private"


class StoreScope(StrEnum):
    """At which of the stores in the request an offer is valid.

    NOT_ASKED: the request was about no stores. UNKNOWN: it was, and the answer cannot be
    understood.
    """

    NOT_ASKED = "not_asked"
    ALL_ASKED = "all_asked"
    SOME_ASKED = "some_asked"
    NONE_ASKED = "none_asked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A date in the provider's words and, if they can be understood, as a moment in UTC."""

    raw: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when to when it is valid, and since when it can be seen."""

    starts: When | None = None
    ends: When | None = None
    published: When | None = None

    def is_over(self, *, now: datetime) -> bool | None:
        """Return whether it has ended; None when its end is not known."""
        return None if self.ends is None or self.ends.at is None else now > self.ends.at


@dataclass(frozen=True, slots=True, kw_only=True)
class RedemptionLimits:
    """How often this consumer may redeem it at a till, and has redeemed it."""

    limit: int | None = None
    count: int | None = None

    @property
    def left(self) -> int | None:
        """How often it can still be redeemed; None when limit or count is not known."""
        if self.limit is None or self.count is None:
            return None
        return max(self.limit - self.count, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A store; of one that came as an id alone nothing else is known. Distance is in miles."""

    store_id: str
    name: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    distance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """At which stores it can be redeemed; `stores` are those of the request that were named."""

    scope: StoreScope = StoreScope.NOT_ASKED
    stores: tuple[Shop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """How it may be printed by this consumer."""

    image: str | None = None
    limit: int | None = None
    left: int | None = None
    by_sms: bool | None = None
    enabled: bool | None = None
    title: str | None = None
    description: str | None = None
    instructions: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """What it is shown and scanned with; barcode and coupon code are worth money."""

    primary_image: str | None = None
    secondary_image: str | None = None
    company_image: str | None = None
    print_image: str | None = field(default=None, repr=False)
    upc: str | None = field(default=None, repr=False)
    brand_color: str | None = None
    barcode: str | None = field(default=None, repr=False)
    barcode_symbology: str | None = None
    barcode_type: str | None = None
    loyalty_coupon_code: str | None = field(default=None, repr=False)
    redirect_channel: str | None = None
    redirect_url: str | None = None
    native_ad_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The texts of an offer."""

    name: str | None = None
    title: str | None = None
    subtitle: str | None = None
    instructions: str | None = None
    disclaimer: str | None = None
    valid_dates: str | None = None
    done: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """The brand behind it; `is_adult` is true unless the provider plainly says that it is not."""

    is_adult: bool
    is_authenticated: bool
    brand_id: int | None = None
    brand_code: str | None = None
    brand_name: str | None = None
    owner_id: int | None = None
    owner_name: str | None = None
    adult_class: str | None = None
    adult_subclass: str | None = None
    identity_scheme: str | None = None
    warning: Mapping[str, object] | None = None
    warning_raw: str | None = None
    is_originating: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedemptionMethods:
    """How it can be redeemed, and whether stores nearby are to be shown (radius in miles)."""

    by_sms: bool | None = None
    by_email: bool | None = None
    by_passbook: bool | None = None
    shows_nearby_stores: bool | None = None
    store_list_radius: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """What a customer is shown of an offer, bounded; each of it may be unknown."""

    title: str | None = None
    style: str | None = None
    image_url: str | None = None
    starts_at: datetime | None = None
    client_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One offer; fields that the answer lacks are None, illegible ones are in `unreadable`.

    `stock_sold` and `stock_left` count over all consumers. `style_name` is the provider's word.
    """

    offer_id: str
    style: OfferStyle
    style_name: str | None = None
    client_id: int | None = None
    visibility: Visibility | None = None
    channel: str | None = None
    offer_type: str | None = None
    link: str | None = field(default=None, repr=False)
    is_active: bool | None = None
    is_featured: bool | None = None
    is_multi: bool | None = None
    is_geogated: bool | None = None
    priority: int | None = None
    timer: int | None = None
    stock_sold: int | None = None
    stock_left: int | None = None
    window: Window
    redemptions: RedemptionLimits
    validity: Validity
    texts: Texts
    assets: Assets
    delivery: RedemptionMethods
    printing: Printing | None = None
    brand: Brand | None = None
    display_store: Shop | None = None
    tags: tuple[str, ...] = ()
    tags_raw: str | None = None
    unreadable: tuple[str, ...] = ()

    @property
    def is_adult(self) -> bool:
        """Whether it is for adults only."""
        return self.brand is not None and self.brand.is_adult

    @property
    def may_be_shown(self) -> bool:
        """Whether this consumer may see it: not for adults, or authenticated for the brand."""
        return self.brand is None or not self.brand.is_adult or self.brand.is_authenticated


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferList:
    """The offers of a consumer as a provider lists them, without those that must not be shown.

    `withheld` counts those held back here, `missing` names requested ones that did not come,
    `short_by` is how many more the provider says it sent: then a missing one proves nothing.
    """

    offers: tuple[Offer, ...] = ()
    withheld: int = 0
    missing: frozenset[str] = frozenset()
    short_by: int = 0
