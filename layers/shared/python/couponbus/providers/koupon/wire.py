"""Koupon's responses as they arrive: every documented key (docs/providers.md#koupon-answers)."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from couponbus.providers.koupon.fields import (
    Distance,
    Flag,
    Id,
    Latitude,
    Longitude,
    Metric,
    OfferId,
    Text,
    Whole,
)
from couponbus.providers.koupon.lenient import Lenient


class WirePrint(Lenient):
    """Browser-based print."""

    prefix: ClassVar[str] = "print."
    print_image: Text | None = Field(default=None, alias="printImage")
    total_print_limit: Metric | None = Field(default=None, alias="totalPrintLimit")
    total_prints_remaining: Metric | None = Field(default=None, alias="totalPrintsRemaining")
    sms_enabled: Flag | None = Field(default=None, alias="smsEnabled")
    print_enabled: Flag | None = Field(default=None, alias="printEnabled")
    print_title: Text | None = Field(default=None, alias="printTitle")
    print_description: Text | None = Field(default=None, alias="printDescription")
    print_instructions: Text | None = Field(default=None, alias="printInstructions")


class WireStore(Lenient):
    """A store; as displayStore it has no distance."""

    prefix: ClassVar[str] = "store."
    id: Id
    name: Text | None = None
    address: Text | None = None
    city: Text | None = None
    state: Text | None = None
    zip: Id | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    distance: Distance | None = None


class WireConsumerPos(Lenient):
    """Redemptions by this consumer at a till."""

    prefix: ClassVar[str] = "consumerPOS."
    redemption_limit: Metric | None = Field(default=None, alias="redemptionLimit")
    redemption_count: Metric | None = Field(default=None, alias="redemptionCount")


class WireCpg(Lenient):
    """The brand; brandId is a text beside cpgBrandId, a number."""

    prefix: ClassVar[str] = "cpg."
    cpg_brand_id: Whole | None = Field(default=None, alias="cpgBrandId")
    cpg_id: Whole | None = Field(default=None, alias="cpgId")
    brand_id: Id | None = Field(default=None, alias="brandId")
    cpg_name: Text | None = Field(default=None, alias="cpgName")
    brand_name: Text | None = Field(default=None, alias="brandName")
    is_adult: Flag | None = Field(default=None, alias="isAdult")
    adult_class: Text | None = Field(default=None, alias="adultClass")
    adult_subclass: Text | None = Field(default=None, alias="adultSubclass")
    identity_scheme: Text | None = Field(default=None, alias="identityScheme")
    warning_algorithm: Text | None = Field(default=None, alias="warningAlgorithm")
    is_authenticated: Flag | None = Field(default=None, alias="isAuthenticated")
    is_originating_offer: Flag | None = Field(default=None, alias="isOriginatingOffer")


class WireRedirect(Lenient):
    """Where an offer of style Redirect leads."""

    prefix: ClassVar[str] = "redirect."
    channel_code: Text | None = Field(default=None, alias="channelCode")
    offer_viewer_url: Text | None = Field(default=None, alias="offerViewerURL")


class WireNativeAd(Lenient):
    """Where an offer of style Native Ad leads."""

    prefix: ClassVar[str] = "nativeAd."
    external_url: Text | None = Field(default=None, alias="externalURL")


class WireLoyaltyCard(Lenient):
    """The code of an offer of style LoyaltyCard."""

    prefix: ClassVar[str] = "loyaltyCard."
    coupon_code: Text | None = Field(default=None, alias="couponCode")


def _store(value: object) -> object:
    # Koupon's documentation shows objects on one page and mentions ids on another.
    return {"id": value} if isinstance(value, str | int) else value


class WireOffer(Lenient):
    """An offer; offerId identifies it and is required."""

    offer_id: OfferId = Field(alias="offerId")
    is_active: Flag | None = None
    featured: Flag | None = None
    geogating: Flag | None = None
    is_multi: Flag | None = None
    clientid: Whole | None = None
    priority: Whole | None = None
    timer: Whole | None = None
    total_offers_purchased: Metric | None = Field(default=None, alias="totalOffersPurchased")
    total_offers_remaining: Metric | None = Field(default=None, alias="totalOffersRemaining")
    barcode_string: Text | None = Field(default=None, alias="barcodeString")
    barcode_symbology: Text | None = Field(default=None, alias="barcodeSymbology")
    barcode_type: Text | None = Field(default=None, alias="barcodeType")
    channel: Text | None = None
    company_image: Text | None = Field(default=None, alias="companyImage")
    done_message: Text | None = Field(default=None, alias="doneMessage")
    error_msg: Text | None = Field(default=None, alias="errorMsg")
    offer: Text | None = None
    offer_disclaimer: Text | None = Field(default=None, alias="offerDisclaimer")
    offer_end: Text | None = Field(default=None, alias="offerEnd")
    offer_instructions: Text | None = Field(default=None, alias="offerInstructions")
    offer_name: Text | None = Field(default=None, alias="offerName")
    offer_published: Text | None = Field(default=None, alias="offerPublished")
    offer_start: Text | None = Field(default=None, alias="offerStart")
    offer_subtitle: Text | None = Field(default=None, alias="offerSubtitle")
    offer_title: Text | None = Field(default=None, alias="offerTitle")
    offer_type: Text | None = Field(default=None, alias="offerType")
    visibility: Text | None = None
    primary_image: Text | None = Field(default=None, alias="primaryImage")
    print_image: Text | None = Field(default=None, alias="printImage")
    secondary_image: Text | None = Field(default=None, alias="secondaryImage")
    tags: Text | None = None
    upc: Text | None = Field(default=None, alias="UPC")
    valid_date_description: Text | None = Field(default=None, alias="validDateDescription")
    print: WirePrint | None = None
    limited_stores: Flag | None = Field(default=None, alias="limitedStores")
    valid_at_stores: tuple[Annotated[WireStore, BeforeValidator(_store)], ...] | None = Field(
        default=None, alias="validAtStores"
    )
    consumer_pos: WireConsumerPos | None = Field(default=None, alias="consumerPOS")
    sms_enabled: Flag | None = Field(default=None, alias="smsEnabled")
    email_enabled: Flag | None = Field(default=None, alias="emailEnabled")
    passbook_enabled: Flag | None = Field(default=None, alias="passbookEnabled")
    show_nearby_stores: Flag | None = Field(default=None, alias="showNearbyStores")
    store_list_radius: Distance | None = Field(default=None, alias="storeListRadius")
    brand_color: Text | None = Field(default=None, alias="brandColor")
    cpg: WireCpg | None = None
    display_store: WireStore | None = Field(default=None, alias="displayStore")
    offer_style: Text | None = Field(default=None, alias="offerStyle")
    redirect: WireRedirect | None = None
    native_ad: WireNativeAd | None = Field(default=None, alias="nativeAd")
    loyalty_card: WireLoyaltyCard | None = Field(default=None, alias="loyaltyCard")


class WireTobaccoBrand(Lenient):
    """How many offers a tobacco brand has, shown or not."""

    cpg_brand_id: Whole | None = Field(default=None, alias="cpgBrandId")
    brand_name: Text | None = Field(default=None, alias="brandName")
    is_authenticated: Flag | None = Field(default=None, alias="isAuthenticated")
    num_offers_available: Metric | None = Field(default=None, alias="numOffersAvailable")


class WireTobacco(Lenient):
    """The tobacco offers. It names brands that the consumer may not see."""

    num_offers_available: Metric | None = Field(default=None, alias="numOffersAvailable")
    brands: tuple[WireTobaccoBrand, ...] | None = None


class WireSummary(Lenient):
    """How many offers of each style were returned."""

    num_coupon: Metric | None = Field(default=None, alias="numCoupon")
    num_native_ad: Metric | None = Field(default=None, alias="numNativeAd")
    num_redirect: Metric | None = Field(default=None, alias="numRedirect")
    num_loyalty_card: Metric | None = Field(default=None, alias="numLoyaltyCard")
    tobacco: WireTobacco | None = None


class WireEnvelope(Lenient):
    """The envelope of the offers; code is a number or its digits, version a text."""

    code: Whole | None = None
    message: Text | None = None
    version: Id | None = None
    offers: tuple[object, ...] = Field(alias="Offers")
    summary: WireSummary | None = None
