"""The client and the simulator of Koupon agree on the wire."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from couponbus.domain.errors import RequestRefused
from couponbus.domain.polling.offer import OfferList, OfferStyle, Visibility
from couponbus.providers.koupon.account import AdultOffers
from couponbus.providers.koupon.parameters import OfferFilter
from couponbus_sandbox.koupon import (
    Brand,
    KouponSandbox,
    KouponSettings,
    NewConsumer,
    koupon_server,
)
from couponbus_sandbox.koupon import Offer as Simulated
from tests.contracts.koupon import ANN, ask, ids, one, several
from tests.contracts.koupon_words import in_their_words
from tests.sandbox.koupon_caller import KouponCaller
from tests.unit.providers.koupon.asking import client

STYLES = {
    "Coupon": OfferStyle.COUPON,
    "LoyaltyCard": OfferStyle.LOYALTY_CARD,
    "Native Ad": OfferStyle.NATIVE_AD,
    "Redirect": OfferStyle.REDIRECT,
}


@pytest.fixture(scope="module")
def running() -> Iterator[KouponSandbox]:
    with koupon_server(KouponSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: KouponSandbox) -> KouponSandbox:
    running.reset()
    return running


def test_a_consumer_has_the_public_offers_and_no_adult_one(sandbox: KouponSandbox) -> None:
    found = ask(client(sandbox.url))

    assert ids(found) == ["1281", "1282", "1283", "1284", "1287"]
    assert (found.withheld, found.short_by, found.missing) == (0, 0, frozenset())
    assert all(offer.unreadable == () for offer in found.offers)


def test_the_answer_says_more_than_leaves_the_client(sandbox: KouponSandbox) -> None:
    shown = repr(ask(client(sandbox.url)))

    assert "Example Soda" in shown
    assert "Example Leaf" not in shown
    assert "tobacco" not in shown.lower()


@pytest.mark.parametrize(
    ("authenticated", "adult_offers", "shown", "withheld"),
    [
        ((), AdultOffers.WITHHELD, False, 0),
        ((), AdultOffers.FOR_AUTHENTICATED, False, 0),
        ((77,), AdultOffers.WITHHELD, False, 1),
        ((77,), AdultOffers.FOR_AUTHENTICATED, True, 0),
        ((78,), AdultOffers.FOR_AUTHENTICATED, False, 0),
    ],
)
def test_adult_offers_leave_only_if_wanted_and_for_whom_the_brand_knows(
    sandbox: KouponSandbox,
    authenticated: tuple[int, ...],
    adult_offers: AdultOffers,
    shown: bool,
    withheld: int,
) -> None:
    sandbox.add_consumers(NewConsumer(consumer=ANN, authenticated_brands=authenticated))
    koupon = client(sandbox.url, adult_offers=adult_offers)

    found = ask(koupon)

    assert ("1285" in ids(found)) is shown
    assert found.withheld == withheld
    assert (one(koupon, "1285") is not None) is shown


def test_private_offers_are_for_those_who_were_targeted(sandbox: KouponSandbox) -> None:
    koupon = client(sandbox.url)
    assert one(koupon, "1286") is None

    sandbox.add_consumers(NewConsumer(consumer=ANN, targeted=(1286,)))

    found = one(koupon, "1286")
    assert found is not None
    assert found.visibility is Visibility.PRIVATE


@pytest.mark.parametrize("style", list(STYLES))
def test_the_four_styles_carry_what_belongs_to_them(sandbox: KouponSandbox, style: str) -> None:
    sandbox.add_offers(Simulated(offer_id=5, style=style))  # type: ignore[arg-type]

    found = one(client(sandbox.url), "5")

    assert found is not None
    assert (found.style, found.style_name) == (STYLES[style], style)
    assert (found.assets.loyalty_coupon_code is not None) == (style == "LoyaltyCard")
    assert (found.assets.native_ad_url is not None) == (style == "Native Ad")
    assert (found.assets.redirect_url is not None) == (style == "Redirect")


def test_every_field_survives_the_way_there(sandbox: KouponSandbox) -> None:
    sandbox.add_consumers(NewConsumer(consumer=ANN, authenticated_brands=(77,), targeted=(1286,)))
    sandbox.redeem(ANN, 1281)
    koupon = client(sandbox.url, adult_offers=AdultOffers.FOR_AUTHENTICATED)
    asked = "latitude=32.7767&longitude=-96.797&geo_radius=30&display_store=34"

    found = ask(
        koupon,
        wanted=OfferFilter(latitude=32.7767, longitude=-96.797, geo_radius=30, display_store="34"),
    )

    sent = KouponCaller(sandbox.url).get(f"/v2/{quote(ANN)}/offers?{asked}").json()["Offers"]
    assert [in_their_words(offer) for offer in found.offers] == sent
    assert {offer["offerStyle"] for offer in sent} == set(STYLES)
    assert {offer["visibility"] for offer in sent} == {"public", "private"}
    assert any(offer["cpg"] and offer["cpg"]["isAdult"] for offer in sent)
    assert any(offer["validAtStores"] for offer in sent)


@pytest.mark.parametrize("code", ["number", "string"])
@pytest.mark.parametrize("offer_id", ["number", "string"])
@pytest.mark.parametrize("absent", ["null", "omit"])
def test_each_form_of_an_answer_means_the_same(
    sandbox: KouponSandbox, code: str, offer_id: str, absent: str
) -> None:
    koupon = client(sandbox.url)
    expected = ask(koupon)

    sandbox.change(code=code, offer_id=offer_id, absent_fields=absent, version="2.1")

    assert ask(koupon) == expected
    assert ids(expected)


def test_all_of_them_one_and_several_agree(sandbox: KouponSandbox) -> None:
    koupon = client(sandbox.url)
    listed = {offer.offer_id: offer for offer in ask(koupon).offers}

    some = several(koupon, "1281", "1283", "1285", "9999")

    assert some.offers == (listed["1281"], listed["1283"])
    assert some.missing == {"1285", "9999"}
    assert one(koupon, "1281") == listed["1281"]


def test_many_offers_are_asked_for_in_pieces(sandbox: KouponSandbox) -> None:
    sandbox.add_offers(*(Simulated(offer_id=number) for number in range(2000, 2120)))
    names = [str(number) for number in range(2000, 2125)]

    found = several(client(sandbox.url), *names)

    assert ids(found) == names[:120]
    assert found.missing == set(names[120:])
    assert sandbox.state.calls == {"GET /v2/{consumer}/offers/{offers}": {"200": 3}}


def test_several_of_nothing_asks_nothing(sandbox: KouponSandbox) -> None:
    assert several(client(sandbox.url)) == OfferList()
    assert sandbox.state.calls == {}


@pytest.mark.parametrize("nothing_left", ["not_found", "empty"])
def test_a_used_up_offer_is_gone(sandbox: KouponSandbox, nothing_left: str) -> None:
    sandbox.change(nothing_left=nothing_left)
    koupon = client(sandbox.url)
    before = one(koupon, "1281")

    assert sandbox.redeem(ANN, 1281) == 1
    between = one(koupon, "1281")
    assert sandbox.redeem(ANN, 1281, times=5) == 1

    assert before is not None
    assert between is not None
    assert (before.redemptions.limit, before.redemptions.count) == (2, 0)
    assert (between.redemptions.count, between.redemptions.left) == (1, 1)
    assert one(koupon, "1281") is None
    assert "1281" not in ids(ask(koupon))
    assert sandbox.void(ANN, 1281) == 1
    assert one(koupon, "1281") == between


def test_another_consumer_has_counts_of_their_own(sandbox: KouponSandbox) -> None:
    sandbox.redeem(ANN, 1281)

    other = one(client(sandbox.url), "1281", consumer="bob")

    assert other is not None
    assert other.redemptions.count == 0
    assert (other.stock_sold, other.stock_left) == (1, 999)


def test_a_brand_comes_whole(sandbox: KouponSandbox) -> None:
    brand = Brand(
        brand_id=5,
        name="Brewery",
        is_adult=True,
        adult_class="Alcohol",
        adult_subclass="Beer",
        identity_scheme="embedded",
        warning_algorithm='{"seconds": 3}',
        is_originating=True,
    )
    sandbox.add_offers(Simulated(offer_id=5, brand=brand))
    sandbox.add_consumers(NewConsumer(consumer=ANN, authenticated_brands=(5,)))

    found = one(client(sandbox.url, adult_offers=AdultOffers.FOR_AUTHENTICATED), "5")

    assert found is not None
    assert found.brand is not None
    assert (found.brand.brand_id, found.brand.brand_code) == (5, "brand-5")
    assert (found.brand.brand_name, found.brand.owner_name) == ("Brewery", "Example Brands")
    assert (found.brand.adult_class, found.brand.adult_subclass) == ("Alcohol", "Beer")
    assert (found.brand.is_authenticated, found.brand.is_originating) == (True, True)
    assert (found.brand.warning, found.brand.identity_scheme) == ({"seconds": 3}, "embedded")


def test_an_unknown_consumer_is_reported(sandbox: KouponSandbox) -> None:
    sandbox.change(open_world=False)

    with pytest.raises(RequestRefused) as refused:
        ask(client(sandbox.url))

    assert (refused.value.status, refused.value.reason) == (404, "status_404")
    assert several(client(sandbox.url), "1281").missing == {"1281"}
