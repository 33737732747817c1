"""The offers that consumers see at the simulated Koupon, and the calls that change them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import requests

from couponbus_sandbox.koupon import (
    KouponSandbox,
    KouponSettings,
    NewConsumer,
    Offer,
    koupon_server,
)
from tests.sandbox.koupon_caller import SIGNED, KouponCaller

PUBLIC = [1281, 1282, 1283, 1284, 1287]


@pytest.fixture(scope="module")
def running() -> Iterator[KouponSandbox]:
    with koupon_server(KouponSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def koupon(running: KouponSandbox) -> KouponSandbox:
    running.reset()
    return running


@pytest.fixture
def caller(koupon: KouponSandbox) -> KouponCaller:
    return KouponCaller(koupon.url)


def test_every_consumer_sees_public_offers(caller: KouponCaller) -> None:
    assert caller.offer_ids() == PUBLIC
    assert caller.offer_ids(consumer=quote("bob/b@example.test", safe="")) == PUBLIC


def test_tobacco_is_counted_for_all_and_listed_for_the_authenticated(
    koupon: KouponSandbox, caller: KouponCaller
) -> None:
    before = caller.get("/v2/ann/offers").json()["summary"]["tobacco"]
    koupon.add_consumers(NewConsumer(consumer="ann", authenticated_brands=(77,)))
    after = caller.get("/v2/ann/offers").json()

    brand = {"cpgBrandId": 77, "brandName": "Example Leaf", "numOffersAvailable": 1}
    assert before == {
        "numOffersAvailable": 1,
        "brands": [{**brand, "isAuthenticated": False}],
    }
    assert after["summary"]["tobacco"]["brands"] == [{**brand, "isAuthenticated": True}]
    assert [offer["offerId"] for offer in after["Offers"]] == [*PUBLIC[:4], 1285, 1287]
    assert after["summary"]["numCoupon"] == 3


def test_a_list_leaves_out_what_is_unknown_until_nothing_remains(
    koupon: KouponSandbox, caller: KouponCaller
) -> None:
    some = caller.get("/v2/ann/offers/1281,9,1283,x")
    none = caller.get("/v2/ann/offers/9,x")
    koupon.change(unknown_ids="not_found")
    strict = caller.get("/v2/ann/offers/1281,9")

    assert [offer["offerId"] for offer in some.json()["Offers"]] == [1281, 1283]
    assert (none.status_code, strict.status_code) == (404, 404)


@pytest.mark.parametrize(
    "query",
    [
        "fromdt=03-15-26",
        "fromdt=03-15-2026",
        "fromdt=03/15/2026",
        "fromdt=2026-03-15",
        "todt=03-15-26&publishedonly=no&geo_gating=0",
        "geo_radius=5",
        "geo_radius=5&latitude=1",
    ],
)
def test_dates_come_in_four_styles_and_a_radius_alone_means_nothing(
    caller: KouponCaller, query: str
) -> None:
    assert caller.offer_ids(f"?{query}") == PUBLIC


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("fromdt=soon", "fromdt"),
        ("todt=13-45-26", "todt"),
        ("publishedonly=perhaps", "publishedonly"),
        ("latitude=91&longitude=0", "latitude"),
        ("latitude=x&longitude=0", "latitude"),
        ("latitude=nan&longitude=0", "latitude"),
        ("geo_radius=far", "geo_radius"),
    ],
)
def test_a_malformed_parameter_is_400(caller: KouponCaller, query: str, named: str) -> None:
    answer = caller.get(f"/v2/ann/offers?{query}")

    assert answer.status_code == 400
    assert named in answer.json()["message"]


def test_published_may_be_taken_literally(koupon: KouponSandbox, caller: KouponCaller) -> None:
    soon = datetime.now(UTC) + timedelta(days=3)
    koupon.add_offers(Offer(offer_id=5, published=soon))

    sane = caller.offer_ids("?publishedonly=yes")
    koupon.change(publishedonly="literal")
    literal = caller.offer_ids("?publishedonly=yes")

    assert sane == PUBLIC
    assert literal == [5]


def test_an_offer_that_has_ended_is_gone(koupon: KouponSandbox, caller: KouponCaller) -> None:
    koupon.add_offers(Offer(offer_id=5, ends=datetime.now(UTC) + timedelta(seconds=50)))
    before = caller.offer_ids()

    koupon.change(signature_ttl_seconds=1000)
    koupon.advance_clock(seconds=60)

    assert before == [5, *PUBLIC]
    assert caller.offer_ids() == PUBLIC


def test_dates_are_in_the_zone_of_the_settings(koupon: KouponSandbox, caller: KouponCaller) -> None:
    noon = datetime(2026, 7, 4, 17, 0, 5, tzinfo=UTC)
    koupon.add_offers(Offer(offer_id=5, starts=noon, published=noon - timedelta(hours=12)))

    (offer,) = caller.get("/v2/ann/offers/5").json()["Offers"]

    assert offer["offerStart"] == "07-04-26 12:00:05 PM"
    assert offer["offerPublished"] == "07-04-26 12:00:05 AM"


def test_a_till_redeems_what_a_barcode_stands_for(
    koupon: KouponSandbox, caller: KouponCaller
) -> None:
    (offer,) = caller.get("/v2/ann/offers/1281").json()["Offers"]
    line = {"discountAsset": offer["barcodeString"], "couponCode": "c", "qty": 3}

    redeemed = caller.till("redeem", {"redemptions": [line, {"discountAsset": "x"}]}).json()
    gone = caller.get("/v2/ann/offers/1281")
    voided = caller.till("void", {"redemptions": [{**line, "qty": 1}]}).json()
    (back,) = caller.get("/v2/ann/offers/1281").json()["Offers"]

    assert redeemed["results"] == [
        {
            "discountAsset": offer["barcodeString"],
            "couponCode": "c",
            "redeemedQty": 2,
            "exceptionCode": "LIMIT_REACHED",
        },
        {
            "discountAsset": "x",
            "couponCode": None,
            "redeemedQty": 0,
            "exceptionCode": "UNKNOWN_ASSET",
        },
    ]
    assert gone.status_code == 404
    assert voided["results"][0]["redeemedQty"] == 1
    assert back["consumerPOS"] == {"redemptionLimit": 2, "redemptionCount": 1}
    assert (back["totalOffersPurchased"], back["totalOffersRemaining"]) == (1, 999)
    assert (koupon.state.redemptions, koupon.state.voids) == (2, 1)


def test_nothing_to_void_is_403_in_plain_text(caller: KouponCaller) -> None:
    caller.offer_ids()

    answer = caller.till("void", {"redemptions": [{"discountAsset": "1=1281&2=1&3=1"}, {}]})

    assert (answer.status_code, answer.text) == (403, "No Redemptions to Void")


@pytest.mark.parametrize(
    "body", [{}, {"redemptions": []}, {"redemptions": ["x"]}, [], {"redemptions": [{"qty": 0}]}]
)
def test_a_malformed_transaction_is_400(caller: KouponCaller, body: object) -> None:
    assert caller.till("redeem", body).status_code == 400


def test_a_till_takes_posts_only(caller: KouponCaller) -> None:
    assert caller.raw("/v1/transaction/redeem").status_code == 405


def test_a_stock_ends_for_all(koupon: KouponSandbox, caller: KouponCaller) -> None:
    koupon.add_offers(Offer(offer_id=5, stock=1, redemption_limit=5))

    assert koupon.redeem("bob", 5, times=3) == 1

    assert caller.offer_ids() == PUBLIC


def test_a_consumer_is_registered_once_for_a_loyalty_number(caller: KouponCaller) -> None:
    first = caller.send("POST", "/v2/consumer", {"loyalty": "12345"}).json()
    again = caller.send("POST", "/v2/consumer", {"loyalty": "12345"}).json()
    other = caller.send("POST", "/v2/consumer", {"loyalty": "67890"}).json()

    assert first == again
    assert first["consumer_identity"] != other["consumer_identity"]
    assert first["loyalty_barcode"] == "LB00000001"
    assert caller.send("POST", "/v2/consumer", {"loyalty": ""}).status_code == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v2/ann/offers/1286", None), ("/v2/ann/offers", {"offerList": ["1286", 1281]})],
)
def test_targeting_shows_a_private_offer(caller: KouponCaller, path: str, body: object) -> None:
    answer = caller.send("POST", path, body)

    assert answer.status_code == 200
    assert answer.json()["code"] == "200"
    assert 1286 in caller.offer_ids()
    assert 1286 not in caller.offer_ids(consumer="bob")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v2/ann/offers/9", None, 404),
        ("/v2/ann/offers/x", None, 404),
        ("/v2/ann/offers", {}, 400),
        ("/v2/ann/offers", {"offerList": "1286"}, 400),
        ("/v2/ann/offers", [], 400),
    ],
)
def test_targeting_of_nothing_is_refused(
    caller: KouponCaller, path: str, body: object, status: int
) -> None:
    assert caller.send("POST", path, body).status_code == status


@pytest.mark.parametrize("state", ["access", "viewed", "presented"])
def test_what_a_consumer_did_is_reported(
    koupon: KouponSandbox, caller: KouponCaller, state: str
) -> None:
    answer = caller.send("PUT", "/v2/ann/offers/1281", {"state": state}).json()

    said = answer["kmstateresp"]
    (one,) = [said] if state == "presented" else said
    assert one["BarcodeString"] == "1=1281&2=1&3=1"
    assert koupon.state.reported_states == 1


def test_a_body_that_is_no_json_is_refused(caller: KouponCaller) -> None:
    target = caller.target("/v2/ann/offers")

    answer = requests.post(caller.url + target, data=b"{", headers=SIGNED, timeout=5)

    assert answer.status_code == 400


def test_an_unknown_state_is_refused(caller: KouponCaller) -> None:
    assert caller.send("PUT", "/v2/ann/offers/1281", {"state": "lost"}).status_code == 400


def test_a_closed_world_knows_its_consumers_only(
    koupon: KouponSandbox, caller: KouponCaller
) -> None:
    koupon.change(open_world=False)
    koupon.add_consumers(NewConsumer(consumer="bob", redeemed={1281: 2}, printed={1282: 1}))

    assert caller.get("/v2/ann/offers").status_code == 404
    shown = caller.get("/v2/bob/offers").json()["Offers"]
    assert [offer["offerId"] for offer in shown] == PUBLIC[1:]
    assert shown[0]["print"]["totalPrintsRemaining"] == 1


def test_an_offer_may_be_listed_before_it_is_active(
    koupon: KouponSandbox, caller: KouponCaller
) -> None:
    koupon.add_offers(Offer(offer_id=77, is_active=False))

    listed = caller.get("/v2/ann/offers").json()["Offers"]

    assert {one["offerId"]: one["is_active"] for one in listed}[77] is False
