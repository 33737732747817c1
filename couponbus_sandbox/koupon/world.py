"""The stores, brands and offers of the simulated Koupon, as frozen data."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field

Style = Literal["Coupon", "LoyaltyCard", "Native Ad", "Redirect"]
OfferNumber = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(min_length=1, pattern=r"^[^,]+$")]
LONG_AGO = datetime(2020, 1, 1, 6, tzinfo=UTC)
FAR_AHEAD = datetime(2090, 1, 1, 5, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A place where offers are redeemed."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    store_id: Name
    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    group: str | None = None
    name: str = "Store"
    address: str = "1 Main Street"
    city: str = "Springfield"
    state: str = "TX"
    zip: str = "07501"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """A brand; a consumer must be authenticated for an adult one to see its offers."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    brand_id: OfferNumber
    name: str
    owner_id: int = 900
    owner_name: str = "Example Brands"
    is_adult: bool = False
    adult_class: str | None = None
    adult_subclass: str | None = None
    identity_scheme: Literal["provided", "embedded"] = "provided"
    warning_algorithm: str | None = None
    is_originating: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An offer; without stores it is valid everywhere, a private one is for its targets only."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    offer_id: OfferNumber
    style: Style = "Coupon"
    title: str = "One dollar off"
    starts: AwareDatetime = LONG_AGO
    ends: AwareDatetime = FAR_AHEAD
    published: AwareDatetime = LONG_AGO
    is_active: bool = True
    visibility: Literal["public", "private"] = "public"
    channel: str = "mobile"
    digital_property_code: str | None = None
    store_ids: tuple[Name, ...] = ()
    geogating: bool = False
    redemption_limit: Count = 1
    print_limit: Count = 2
    stock: Count = 1000
    tags: str = "drinks,snacks"
    brand: Brand | None = None


TOBACCO = Brand(
    brand_id=77,
    name="Example Leaf",
    is_adult=True,
    adult_class="Tobacco",
    adult_subclass="Cigarettes",
    identity_scheme="embedded",
    warning_algorithm='{"image":"https://images.koupon.invalid/warning.png","seconds":3}',
)
SODA = Brand(brand_id=78, name="Example Soda", is_originating=True)

DEFAULT_STORES = (
    Store(store_id="12", name="Dallas", city="Dallas", lat=32.7767, lon=-96.797, group="north"),
    Store(store_id="34", name="Plano", city="Plano", lat=33.0198, lon=-96.6989, group="north"),
    Store(store_id="56", name="Houston", city="Houston", lat=29.7604, lon=-95.3698, group="south"),
)
DEFAULT_OFFERS = (
    Offer(offer_id=1281, redemption_limit=2, brand=SODA),
    Offer(offer_id=1282, style="LoyaltyCard", store_ids=("12", "34")),
    Offer(offer_id=1283, style="Native Ad", channel="web"),
    Offer(offer_id=1284, style="Redirect", digital_property_code="app"),
    Offer(offer_id=1285, brand=TOBACCO),
    Offer(offer_id=1286, visibility="private"),
    Offer(offer_id=1287, store_ids=("56",), geogating=True),
)
