"""An offer of the domain turned back into Koupon's record, for comparison with what was sent."""

from datetime import datetime
from zoneinfo import ZoneInfo

from couponbus.domain.polling.offer import (
    Brand,
    Offer,
    OfferStyle,
    Printing,
    Shop,
    StoreScope,
    When,
)

ZONE = ZoneInfo("America/Chicago")
type Json = dict[str, object]

WORDS = {
    OfferStyle.COUPON: "Coupon",
    OfferStyle.LOYALTY_CARD: "LoyaltyCard",
    OfferStyle.NATIVE_AD: "Native Ad",
    OfferStyle.REDIRECT: "Redirect",
}


def in_their_words(offer: Offer) -> Json:
    """Return every key of the record, from the fields of the domain alone."""
    assets, texts, delivery = offer.assets, offer.texts, offer.delivery
    return {
        "is_active": offer.is_active,
        "featured": offer.is_featured,
        "geogating": offer.is_geogated,
        "is_multi": offer.is_multi,
        "clientid": offer.client_id,
        "offerId": int(offer.offer_id),
        "priority": offer.priority,
        "timer": offer.timer,
        "totalOffersPurchased": offer.stock_sold,
        "totalOffersRemaining": offer.stock_left,
        "barcodeString": assets.barcode,
        "barcodeSymbology": assets.barcode_symbology,
        "barcodeType": assets.barcode_type,
        "channel": offer.channel,
        "companyImage": assets.company_image,
        "doneMessage": texts.done,
        "errorMsg": texts.error,
        "offer": offer.link,
        "offerDisclaimer": texts.disclaimer,
        "offerEnd": _date(offer.window.ends),
        "offerInstructions": texts.instructions,
        "offerName": texts.name,
        "offerPublished": _date(offer.window.published),
        "offerStart": _date(offer.window.starts),
        "offerSubtitle": texts.subtitle,
        "offerTitle": texts.title,
        "offerType": offer.offer_type,
        "visibility": None if offer.visibility is None else offer.visibility.value,
        "primaryImage": assets.primary_image,
        "printImage": assets.print_image,
        "secondaryImage": assets.secondary_image,
        "tags": ",".join(offer.tags),
        "UPC": assets.upc,
        "validDateDescription": texts.valid_dates,
        "print": None if offer.printing is None else _printing(offer.printing),
        "limitedStores": offer.validity.scope in (StoreScope.SOME_ASKED, StoreScope.NONE_ASKED),
        "validAtStores": [_near(store) for store in offer.validity.stores],
        "consumerPOS": {
            "redemptionLimit": offer.redemptions.limit,
            "redemptionCount": offer.redemptions.count,
        },
        "smsEnabled": delivery.by_sms,
        "emailEnabled": delivery.by_email,
        "passbookEnabled": delivery.by_passbook,
        "showNearbyStores": delivery.shows_nearby_stores,
        "storeListRadius": delivery.store_list_radius,
        "brandColor": assets.brand_color,
        "cpg": None if offer.brand is None else _brand(offer.brand),
        "displayStore": None if offer.display_store is None else _store(offer.display_store),
        "offerStyle": WORDS[offer.style],
        "redirect": _unless_none(
            {"channelCode": assets.redirect_channel, "offerViewerURL": assets.redirect_url}
        ),
        "nativeAd": _unless_none({"externalURL": assets.native_ad_url}),
        "loyaltyCard": _unless_none({"couponCode": assets.loyalty_coupon_code}),
    }


def _date(when: When | None) -> str | None:
    if when is None or when.at is None:
        return None
    local: datetime = when.at.astimezone(ZONE)
    written = local.strftime("%m-%d-%y %I:%M:%S %p")
    assert written == when.raw
    return written


def _printing(printing: Printing) -> Json:
    return {
        "printImage": printing.image,
        "totalPrintLimit": printing.limit,
        "totalPrintsRemaining": printing.left,
        "smsEnabled": printing.by_sms,
        "printEnabled": printing.enabled,
        "printTitle": printing.title,
        "printDescription": printing.description,
        "printInstructions": printing.instructions,
    }


def _store(store: Shop) -> Json:
    return {
        "id": store.store_id,
        "name": store.name,
        "address": store.address,
        "city": store.city,
        "state": store.state,
        "zip": store.zip,
        "lat": store.latitude,
        "lon": store.longitude,
    }


def _near(store: Shop) -> Json:
    return {**_store(store), "distance": store.distance}


def _brand(brand: Brand) -> Json:
    return {
        "cpgBrandId": brand.brand_id,
        "cpgId": brand.owner_id,
        "brandId": brand.brand_code,
        "cpgName": brand.owner_name,
        "brandName": brand.brand_name,
        "isAdult": brand.is_adult,
        "adultClass": brand.adult_class,
        "adultSubclass": brand.adult_subclass,
        "identityScheme": brand.identity_scheme,
        "warningAlgorithm": brand.warning_raw,
        "isAuthenticated": brand.is_authenticated,
        "isOriginatingOffer": brand.is_originating,
    }


def _unless_none(value: Json) -> Json | None:
    return None if set(value.values()) == {None} else value
