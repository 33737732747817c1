"""Each parameter of a Koupon poll does what it says, or is not sent."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from couponbus.domain.errors import InputRejected
from couponbus.domain.polling.offer import StoreScope
from couponbus.providers.koupon.parameters import OfferFilter
from couponbus_sandbox.koupon import KouponSandbox, KouponSettings, Store, koupon_server
from couponbus_sandbox.koupon import Offer as Simulated
from tests.contracts.koupon import ANN, ask, ids, near_dallas, one
from tests.unit.providers.koupon.asking import client


@pytest.fixture(scope="module")
def running() -> Iterator[KouponSandbox]:
    with koupon_server(KouponSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: KouponSandbox) -> KouponSandbox:
    running.reset()
    return running


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (OfferFilter(), ["1281", "1282", "1283", "1284", "1287"]),
        (OfferFilter(channel="web"), ["1283"]),
        (OfferFilter(digital_property_code="app"), ["1284"]),
        (OfferFilter(geo_gating=True), ["1287"]),
        (OfferFilter(store_group="north"), ["1282"]),
        (OfferFilter(storeid=("56",)), ["1281", "1283", "1284", "1287"]),
        (OfferFilter(storeid=("12", "56")), ["1281", "1282", "1283", "1284", "1287"]),
        (OfferFilter(latitude=0, longitude=0), ["1281", "1283", "1284"]),
        (near_dallas(miles=30), ["1281", "1282", "1283", "1284"]),
        (near_dallas(), ["1281", "1282", "1283", "1284", "1287"]),
        (OfferFilter(display_store="12", channel="web"), ["1283"]),
        (OfferFilter(publishedonly=True), ["1281", "1282", "1283", "1284", "1287"]),
        (OfferFilter(publishedonly=False), ["1281", "1282", "1283", "1284", "1287"]),
        (OfferFilter(fromdt=date(2090, 1, 1)), []),
        (OfferFilter(todt=date(2019, 12, 31)), []),
        (OfferFilter(fromdt=date(2026, 1, 1), todt=date(2026, 2, 1), channel="web"), ["1283"]),
    ],
)
def test_each_parameter_reaches_koupon(
    sandbox: KouponSandbox, wanted: OfferFilter, expected: list[str]
) -> None:
    assert ids(ask(client(sandbox.url), wanted=wanted)) == expected


def test_every_parameter_travels_at_once(sandbox: KouponSandbox) -> None:
    wanted = OfferFilter(
        fromdt=date(2026, 1, 1),
        todt=date(2026, 2, 1),
        publishedonly=True,
        storeid=("12", "34"),
        store_group="north & south",
        channel="mobile",
        digital_property_code="app",
        latitude=32.7767,
        longitude=-96.797,
        geo_gating=True,
        display_store="12",
    )

    ask(client(sandbox.url), wanted=wanted)

    (call,) = sandbox.calls()
    query = call["query"]
    assert isinstance(query, dict)
    assert query.pop("timestamp").isdecimal()
    assert len(query.pop("authSignature")) == 40
    assert query == {
        "fromdt": "01-01-26",
        "todt": "02-01-26",
        "publishedonly": "yes",
        "storeid": "12,34",
        "store_group": "north & south",
        "channel": "mobile",
        "digital_property_code": "app",
        "latitude": "32.7767",
        "longitude": "-96.797",
        "geo_gating": "1",
        "display_store": "12",
        "identifier": "test-identifier",
    }


@pytest.mark.parametrize("shape", ["objects", "ids"])
def test_where_an_offer_is_valid_is_returned_for_the_stores_of_the_question(
    sandbox: KouponSandbox, shape: str
) -> None:
    sandbox.change(valid_at_stores=shape)
    wanted = OfferFilter(storeid=("12", "56"))

    found = {
        offer.offer_id: offer.validity for offer in ask(client(sandbox.url), wanted=wanted).offers
    }

    assert found["1281"].scope is StoreScope.ALL_ASKED
    assert found["1281"].stores == ()
    assert found["1282"].scope is StoreScope.SOME_ASKED
    assert [store.store_id for store in found["1282"].stores] == ["12"]
    assert [store.name for store in found["1282"].stores] == (
        ["Dallas"] if shape == "objects" else [None]
    )


def test_distances_are_measured_from_where_the_consumer_is(sandbox: KouponSandbox) -> None:
    found = ask(client(sandbox.url), wanted=near_dallas(miles=30))

    validity = {offer.offer_id: offer.validity for offer in found.offers}["1282"]
    assert validity.scope is StoreScope.ALL_ASKED
    distances = {store.store_id: store.distance for store in validity.stores}
    assert distances["12"] == 0.0
    assert 15 < (distances["34"] or 0) < 20


def test_the_display_store_comes_along(sandbox: KouponSandbox) -> None:
    found = ask(client(sandbox.url), wanted=OfferFilter(display_store="34")).offers[0]

    assert found.display_store is not None
    assert (found.display_store.name, found.display_store.zip) == ("Plano", "07501")


@pytest.mark.parametrize("zone", ["America/Chicago", "UTC", "Asia/Tokyo"])
def test_dates_mean_the_same_where_the_zones_agree(sandbox: KouponSandbox, zone: str) -> None:
    starts = datetime(2026, 3, 1, 7, 30, 15, tzinfo=UTC)
    ends = datetime(2026, 12, 24, 23, 59, 59, tzinfo=UTC)
    sandbox.change(timezone=zone)
    sandbox.add_offers(Simulated(offer_id=5, starts=starts, ends=ends, published=starts))

    found = one(client(sandbox.url, timezone=zone), "5")

    assert found is not None
    assert [when and when.at for when in (found.window.starts, found.window.ends)] == [starts, ends]


@pytest.mark.parametrize(
    ("consumer", "offer_id", "field"),
    [
        ("", "1281", "consumer"),
        ("..", "1281", "consumer"),
        (ANN, "", "offer_ids"),
        (ANN, "1,2", "offer_ids"),
    ],
)
def test_nothing_is_sent_for_what_cannot_be_asked(
    sandbox: KouponSandbox, consumer: str, offer_id: str, field: str
) -> None:
    with pytest.raises(InputRejected) as refused:
        one(client(sandbox.url), offer_id, consumer=consumer)

    assert refused.value.fields == (field,)
    assert sandbox.state.calls == {}


def test_a_question_that_is_too_long_is_not_sent(sandbox: KouponSandbox) -> None:
    with pytest.raises(InputRejected, match="too_long: url"):
        ask(client(sandbox.url), consumer="日" * 250)

    assert sandbox.state.calls == {}


def test_stores_of_ones_own_can_be_asked_for(sandbox: KouponSandbox) -> None:
    sandbox.add_stores(Store(store_id="a b", lat=1, lon=1))
    sandbox.add_offers(Simulated(offer_id=5, store_ids=("a b",)))

    found = ask(client(sandbox.url), wanted=OfferFilter(storeid=("a b",)))

    assert ids(found) == ["5", "1281", "1283", "1284"]
