"""Koupon's resources as JSON data, every documented key (docs/providers.md#koupon-answers)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from couponbus_sandbox.koupon.book import Book, Consumer, may_see
from couponbus_sandbox.koupon.filter import StoreFilter
from couponbus_sandbox.koupon.settings import KouponSettings
from couponbus_sandbox.koupon.world import Brand, Offer, Store

type Json = dict[str, object]

IMAGES = "https://images.koupon.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """The offers as JSON data, for one consumer and one call."""

    book: Book
    consumer: Consumer
    settings: KouponSettings
    stores: StoreFilter
    display_store: Store | None

    def listing(self, found: Iterable[Offer]) -> Json:
        """Return the offers that the consumer may see, and a summary that counts the others too."""
        offers = list(found)
        seen = [offer for offer in offers if may_see(self.consumer, offer)]
        return {
            **envelope(self.settings),
            "Offers": [self.offer(offer) for offer in seen],
            "summary": {**_styles(seen), "tobacco": self._tobacco(offers)},
        }

    def offer(self, offer: Offer) -> Json:
        """Return one offer."""
        number = offer.offer_id
        as_text = self.settings.offer_id == "string"
        shown: Json = {
            "is_active": offer.is_active,
            "featured": False,
            "geogating": offer.geogating,
            "is_multi": offer.redemption_limit > 1,
            "clientid": 42,
            "offerId": str(number) if as_text else number,
            "priority": 1,
            "timer": 600,
            "totalOffersPurchased": self.book.sold(offer),
            "totalOffersRemaining": self.book.stock_left(offer),
            "barcodeString": asset_of(offer, self.consumer),
            "barcodeSymbology": "PDF417",
            "barcodeType": "99",
            "channel": offer.channel,
            "companyImage": f"{IMAGES}/company.png",
            "doneMessage": "Enjoy",
            "errorMsg": "Please try again",
            "offer": f"{self.consumer.identity}/offers/{number}",
            "offerDisclaimer": "One per visit",
            "offerEnd": self._date(offer.ends),
            "offerInstructions": "Show it at the till",
            "offerName": f"offer-{number}",
            "offerPublished": self._date(offer.published),
            "offerStart": self._date(offer.starts),
            "offerSubtitle": "While stocks last",
            "offerTitle": offer.title,
            "offerType": "standard",
            "visibility": offer.visibility,
            "primaryImage": f"{IMAGES}/{number}/primary.png",
            "printImage": f"{IMAGES}/{number}/print.png",
            "secondaryImage": None,
            "tags": offer.tags,
            "UPC": f"{IMAGES}/{number}/upc.png",
            "validDateDescription": "Valid while it lasts",
            "print": self._print(offer),
            "smsEnabled": True,
            "emailEnabled": False,
            "passbookEnabled": True,
            "showNearbyStores": bool(offer.store_ids),
            "storeListRadius": 2.5,
            "brandColor": "102,204,255",
            "consumerPOS": {
                "redemptionLimit": offer.redemption_limit,
                "redemptionCount": self.consumer.redeemed[number],
            },
            "cpg": None if offer.brand is None else self._brand(offer.brand),
            "displayStore": None if self.display_store is None else store_json(self.display_store),
            "offerStyle": offer.style,
            **self._validity(offer),
            **_by_style(offer),
        }
        if self.settings.absent_fields == "null":
            return shown
        return {name: value for name, value in shown.items() if value is not None}

    def _validity(self, offer: Offer) -> Json:
        if not self.stores.is_set or not offer.store_ids:
            return {"limitedStores": False, "validAtStores": []}
        valid = [name for name in self.stores.distances if name in offer.store_ids]
        as_ids = self.settings.valid_at_stores == "ids"
        return {
            "limitedStores": len(valid) < len(self.stores.distances),
            "validAtStores": valid if as_ids else [self._near_store(name) for name in valid],
        }

    def _near_store(self, name: str) -> Json:
        miles = self.stores.distances[name]
        near = {} if miles is None else {"distance": miles}
        return {**store_json(self.book.stores[name]), **near}

    def _print(self, offer: Offer) -> Json:
        printed = self.consumer.printed[offer.offer_id]
        return {
            "printImage": f"{IMAGES}/{offer.offer_id}/page.png",
            "totalPrintLimit": offer.print_limit,
            "totalPrintsRemaining": max(0, offer.print_limit - printed),
            "smsEnabled": False,
            "printEnabled": printed < offer.print_limit,
            "printTitle": offer.title,
            "printDescription": "On paper",
            "printInstructions": "Cut it out",
        }

    def _brand(self, brand: Brand) -> Json:
        known = brand.brand_id in self.consumer.authenticated_brands
        return {
            "cpgBrandId": brand.brand_id,
            "cpgId": brand.owner_id,
            "brandId": f"brand-{brand.brand_id}",
            "cpgName": brand.owner_name,
            "brandName": brand.name,
            "isAdult": brand.is_adult,
            "adultClass": brand.adult_class,
            "adultSubclass": brand.adult_subclass,
            "identityScheme": brand.identity_scheme,
            "warningAlgorithm": brand.warning_algorithm,
            "isAuthenticated": brand.is_adult and known,
            "isOriginatingOffer": brand.is_originating,
        }

    def _tobacco(self, offers: Iterable[Offer]) -> Json:
        brands: dict[int, Brand] = {}
        counts: Counter[int] = Counter()
        for offer in offers:
            if offer.brand is not None and offer.brand.adult_class == "Tobacco":
                brands[offer.brand.brand_id] = offer.brand
                counts[offer.brand.brand_id] += 1
        return {
            "numOffersAvailable": counts.total(),
            "brands": [
                {
                    "cpgBrandId": brand_id,
                    "brandName": brand.name,
                    "isAuthenticated": brand_id in self.consumer.authenticated_brands,
                    "numOffersAvailable": counts[brand_id],
                }
                for brand_id, brand in sorted(brands.items())
            ],
        }

    def _date(self, moment: datetime) -> str:
        local = moment.astimezone(ZoneInfo(self.settings.timezone))
        half = "AM" if local.hour < 12 else "PM"  # noqa: PLR2004 - noon
        return f"{local:%m-%d-%y %I:%M:%S} {half}"


def envelope(settings: KouponSettings) -> Json:
    """Return the envelope of an answer."""
    code: object = "200" if settings.code == "string" else 200
    return {"code": code, "message": "success", "version": settings.version}


def store_json(store: Store) -> Json:
    """Return a store without a distance."""
    return {
        "id": store.store_id,
        "name": store.name,
        "address": store.address,
        "city": store.city,
        "state": store.state,
        "zip": store.zip,
        "lat": store.lat,
        "lon": store.lon,
    }


def asset_of(offer: Offer, consumer: Consumer) -> str:
    """Return the code that a till scans: the offer and the consumer, in the documented shape."""
    return f"1={offer.offer_id}&2={consumer.serial}&3=1"


def _styles(offers: list[Offer]) -> Json:
    counts = Counter(offer.style for offer in offers)
    return {
        "numCoupon": counts["Coupon"],
        "numNativeAd": counts["Native Ad"],
        "numRedirect": counts["Redirect"],
        "numLoyaltyCard": counts["LoyaltyCard"],
    }


def _by_style(offer: Offer) -> Json:
    number = offer.offer_id
    redirect = {"channelCode": "web", "offerViewerURL": f"https://viewer.koupon.invalid/{number}"}
    return {
        "redirect": redirect if offer.style == "Redirect" else None,
        "nativeAd": (
            {"externalURL": f"https://ads.koupon.invalid/{number}"}
            if offer.style == "Native Ad"
            else None
        ),
        "loyaltyCard": {"couponCode": f"LC{number}"} if offer.style == "LoyaltyCard" else None,
    }
