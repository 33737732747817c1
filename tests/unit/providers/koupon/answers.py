"""Answers of Koupon's written by hand: every key of the record has a value of its own."""

import copy
import json

STORE: dict[str, object] = {
    "id": "12",
    "name": "Dallas",
    "address": "1 Main Street",
    "city": "Dallas",
    "state": "TX",
    "zip": "07501",
    "lat": 32.7767,
    "lon": -96.797,
}
CPG: dict[str, object] = {
    "cpgBrandId": 78,
    "cpgId": 900,
    "brandId": "brand-78",
    "cpgName": "Example Brands",
    "brandName": "Example Soda",
    "isAdult": False,
    "adultClass": None,
    "adultSubclass": None,
    "identityScheme": "provided",
    "warningAlgorithm": '{"image":"https://images.example.test/w.png","seconds":3}',
    "isAuthenticated": False,
    "isOriginatingOffer": True,
}
ADULT_CPG: dict[str, object] = {
    **CPG,
    "cpgBrandId": 77,
    "brandName": "Example Leaf",
    "isAdult": True,
    "adultClass": "Tobacco",
    "adultSubclass": "Cigarettes",
}
OFFER: dict[str, object] = {
    "is_active": True,
    "featured": False,
    "geogating": True,
    "is_multi": False,
    "clientid": 42,
    "offerId": 1281,
    "priority": 7,
    "timer": 600,
    "totalOffersPurchased": 11,
    "totalOffersRemaining": 989,
    "barcodeString": "1=3&2=110627&3=1",
    "barcodeSymbology": "PDF417",
    "barcodeType": "99",
    "channel": "mobile",
    "companyImage": "https://images.example.test/company.png",
    "doneMessage": "Enjoy",
    "errorMsg": "Please try again",
    "offer": "ann/offers/1281",
    "offerDisclaimer": "One per visit",
    "offerEnd": "03-15-13 11:00:00 AM",
    "offerInstructions": "Show it at the till",
    "offerName": "offer-1281",
    "offerPublished": "11-28-12 12:00:00 AM",
    "offerStart": "12-01-12 12:00:00 AM",
    "offerSubtitle": "While stocks last",
    "offerTitle": "One dollar off",
    "offerType": "standard",
    "visibility": "public",
    "primaryImage": "https://images.example.test/primary.png",
    "printImage": "https://images.example.test/print.png",
    "secondaryImage": "https://images.example.test/secondary.png",
    "tags": "drinks, snacks",
    "UPC": "https://images.example.test/upc.png",
    "validDateDescription": "Until March",
    "print": {
        "printImage": "https://images.example.test/page.png",
        "totalPrintLimit": 5,
        "totalPrintsRemaining": 4,
        "smsEnabled": False,
        "printEnabled": True,
        "printTitle": "Print me",
        "printDescription": "On paper",
        "printInstructions": "Cut it out",
    },
    "limitedStores": True,
    "validAtStores": [{**STORE, "distance": 1.25}],
    "consumerPOS": {"redemptionLimit": 3, "redemptionCount": 1},
    "smsEnabled": True,
    "emailEnabled": False,
    "passbookEnabled": True,
    "showNearbyStores": True,
    "storeListRadius": 2.5,
    "brandColor": "102,204,255",
    "cpg": CPG,
    "displayStore": {**STORE, "id": "34"},
    "offerStyle": "Coupon",
    "redirect": {"channelCode": "web", "offerViewerURL": "https://viewer.example.test/1281"},
    "nativeAd": {"externalURL": "https://ads.example.test/1281"},
    "loyaltyCard": {"couponCode": "LC1281"},
}
SUMMARY: dict[str, object] = {
    "numCoupon": 1,
    "numNativeAd": 0,
    "numRedirect": 0,
    "numLoyaltyCard": 0,
    "tobacco": {
        "numOffersAvailable": 2,
        "brands": [
            {
                "cpgBrandId": 77,
                "brandName": "Example Leaf",
                "isAuthenticated": False,
                "numOffersAvailable": 2,
            }
        ],
    },
}


def offer(**changes: object) -> dict[str, object]:
    """Return a whole offer with some keys replaced."""
    return {**copy.deepcopy(OFFER), **changes}


def without(*names: str) -> dict[str, object]:
    """Return a whole offer that lacks these keys."""
    return {name: value for name, value in copy.deepcopy(OFFER).items() if name not in names}


def envelope(*offers: object, **changes: object) -> dict[str, object]:
    """Return an answer with these offers, with some keys of the envelope replaced."""
    whole = {"code": 200, "message": "success", "version": "2", "Offers": list(offers)}
    return {**whole, "summary": copy.deepcopy(SUMMARY), **changes}


def encoded(value: object) -> bytes:
    """Return it as it travels."""
    return json.dumps(value).encode()
