"""Translates Koupon's fields, alone and combined, to ours (docs/providers.md#koupon-answers)."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from couponbus.domain.polling.offer import (
    Assets,
    Offer,
    OfferStyle,
    Printing,
    RedemptionLimits,
    RedemptionMethods,
    Shop,
    StoreScope,
    Texts,
    Validity,
    Visibility,
    When,
    Window,
)
from couponbus.providers.koupon.brands import brand_of
from couponbus.providers.koupon.dates import read_moment
from couponbus.providers.koupon.lenient import Lenient, Unreadable
from couponbus.providers.koupon.reading import ReadOffer
from couponbus.providers.koupon.wire import WireOffer, WirePrint, WireStore

_STYLES = {
    "coupon": OfferStyle.COUPON,
    "loyaltycard": OfferStyle.LOYALTY_CARD,
    "nativead": OfferStyle.NATIVE_AD,
    "redirect": OfferStyle.REDIRECT,
}


def to_offer(
    read: ReadOffer, *, zone: ZoneInfo, scope: StoreScope, tobacco_brands: Mapping[int, bool]
) -> Offer:
    """Return the offer; `scope` is NOT_ASKED unless the request was about stores."""
    wire = read.wire
    unreadable = Unreadable(*read.unreadable)
    return Offer(
        offer_id=wire.offer_id,
        style=_style(wire, unreadable),
        style_name=wire.offer_style,
        client_id=wire.clientid,
        visibility=_visibility(wire, unreadable),
        channel=wire.channel or None,
        offer_type=wire.offer_type or None,
        link=wire.offer or None,
        is_active=wire.is_active,
        is_featured=wire.featured,
        is_multi=wire.is_multi,
        is_geogated=wire.geogating,
        priority=wire.priority,
        timer=wire.timer,
        stock_sold=wire.total_offers_purchased,
        stock_left=wire.total_offers_remaining,
        window=_window(wire, unreadable, zone=zone),
        redemptions=_redemptions(wire),
        validity=_validity(wire, unreadable, scope=scope),
        texts=_texts(wire),
        assets=_assets(wire),
        delivery=_delivery(wire),
        printing=_printing(wire.print),
        brand=brand_of(wire.cpg, unreadable, tobacco_brands=tobacco_brands),
        display_store=_store(wire.display_store) if wire.display_store else None,
        tags=tuple(tag for part in (wire.tags or "").split(",") if (tag := part.strip())),
        tags_raw=wire.tags or None,
        unreadable=unreadable.names,
    )


def _style(wire: WireOffer, unreadable: Unreadable) -> OfferStyle:
    if wire.offer_style:
        return _STYLES.get(wire.offer_style.replace(" ", "").lower(), OfferStyle.OTHER)
    if "offerStyle" in unreadable.names:
        return OfferStyle.OTHER
    if any(_says(part) for part in (wire.redirect, wire.native_ad, wire.loyalty_card)):
        # A coupon has none of these, so the style is missing.
        unreadable.note("offerStyle")
        return OfferStyle.OTHER
    return OfferStyle.COUPON


def _says(part: Lenient | None) -> bool:
    return part is not None and any(value for _, value in part)


def _visibility(wire: WireOffer, unreadable: Unreadable) -> Visibility | None:
    if not wire.visibility:
        return None
    try:
        return Visibility(wire.visibility.lower())
    except ValueError:
        unreadable.note("visibility")
        return None


def _window(wire: WireOffer, unreadable: Unreadable, *, zone: ZoneInfo) -> Window:
    def when(name: str, raw: str | None) -> When | None:
        if not raw:
            return None
        at = read_moment(raw, zone=zone)
        if at is None:
            unreadable.note(name)
        return When(raw=raw, at=at)

    return Window(
        starts=when("offerStart", wire.offer_start),
        ends=when("offerEnd", wire.offer_end),
        published=when("offerPublished", wire.offer_published),
    )


def _redemptions(wire: WireOffer) -> RedemptionLimits:
    if wire.consumer_pos is None:
        return RedemptionLimits()
    return RedemptionLimits(
        limit=wire.consumer_pos.redemption_limit, count=wire.consumer_pos.redemption_count
    )


def _validity(wire: WireOffer, unreadable: Unreadable, *, scope: StoreScope) -> Validity:
    """Return where it is valid; the meaning of an empty list depends on the request."""
    stores = tuple(_store(store) for store in wire.valid_at_stores or ())
    if {"limitedStores", "validAtStores"} & set(unreadable.names):
        return Validity(scope=StoreScope.UNKNOWN, stores=stores)
    if wire.limited_stores is None:
        scope = scope if scope is StoreScope.NOT_ASKED else StoreScope.UNKNOWN
    elif wire.limited_stores and wire.valid_at_stores is None:
        scope = StoreScope.UNKNOWN
    elif wire.limited_stores:
        scope = StoreScope.SOME_ASKED if stores else StoreScope.NONE_ASKED
    return Validity(scope=scope, stores=stores)


def _store(wire: WireStore) -> Shop:
    return Shop(
        store_id=wire.id,
        name=wire.name or None,
        address=wire.address or None,
        city=wire.city or None,
        state=wire.state or None,
        zip=wire.zip or None,
        latitude=wire.lat,
        longitude=wire.lon,
        distance=wire.distance,
    )


def _texts(wire: WireOffer) -> Texts:
    return Texts(
        name=wire.offer_name or None,
        title=wire.offer_title or None,
        subtitle=wire.offer_subtitle or None,
        instructions=wire.offer_instructions or None,
        disclaimer=wire.offer_disclaimer or None,
        valid_dates=wire.valid_date_description or None,
        done=wire.done_message or None,
        error=wire.error_msg or None,
    )


def _assets(wire: WireOffer) -> Assets:
    return Assets(
        primary_image=wire.primary_image or None,
        secondary_image=wire.secondary_image or None,
        company_image=wire.company_image or None,
        print_image=wire.print_image or None,
        upc=wire.upc or None,
        brand_color=wire.brand_color or None,
        barcode=wire.barcode_string or None,
        barcode_symbology=wire.barcode_symbology or None,
        barcode_type=wire.barcode_type or None,
        loyalty_coupon_code=(wire.loyalty_card and wire.loyalty_card.coupon_code) or None,
        redirect_channel=(wire.redirect and wire.redirect.channel_code) or None,
        redirect_url=(wire.redirect and wire.redirect.offer_viewer_url) or None,
        native_ad_url=(wire.native_ad and wire.native_ad.external_url) or None,
    )


def _delivery(wire: WireOffer) -> RedemptionMethods:
    return RedemptionMethods(
        by_sms=wire.sms_enabled,
        by_email=wire.email_enabled,
        by_passbook=wire.passbook_enabled,
        shows_nearby_stores=wire.show_nearby_stores,
        store_list_radius=wire.store_list_radius,
    )


def _printing(wire: WirePrint | None) -> Printing | None:
    if wire is None:
        return None
    return Printing(
        image=wire.print_image or None,
        limit=wire.total_print_limit,
        left=wire.total_prints_remaining,
        by_sms=wire.sms_enabled,
        enabled=wire.print_enabled,
        title=wire.print_title or None,
        description=wire.print_description or None,
        instructions=wire.print_instructions or None,
    )
