"""What Koupon's fields mean, alone and beside others."""

from dataclasses import replace

import pytest

from couponbus.domain.polling.offer import (
    Assets,
    Offer,
    OfferStyle,
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
from tests.unit.providers.koupon.answers import STORE, envelope, offer, without
from tests.unit.providers.koupon.reading_of import offers_in, only
from tests.unit.providers.koupon.whole import DALLAS, WHOLE


def test_every_field_is_read() -> None:
    assert only(offer()) == WHOLE


def test_an_offer_may_be_no_more_than_its_id() -> None:
    bare = only({"offerId": 1281}, scope=StoreScope.NOT_ASKED)

    assert bare == Offer(
        offer_id="1281",
        style=OfferStyle.COUPON,
        window=Window(),
        redemptions=RedemptionLimits(),
        validity=Validity(),
        texts=Texts(),
        assets=Assets(),
        delivery=RedemptionMethods(),
    )


def test_null_means_absent_and_so_does_an_empty_text() -> None:
    bare = only({"offerId": 1281})

    assert only({**dict.fromkeys(offer()), "offerId": 1281}) == bare
    texts = {name: "" for name, value in offer().items() if isinstance(value, str)}
    assert only({"offerId": 1281, **texts}).assets == bare.assets
    assert only({"offerId": 1281, **texts}).window == bare.window


@pytest.mark.parametrize(
    ("said", "style"),
    [
        ("Coupon", OfferStyle.COUPON),
        ("LoyaltyCard", OfferStyle.LOYALTY_CARD),
        ("Native Ad", OfferStyle.NATIVE_AD),
        ("NativeAd", OfferStyle.NATIVE_AD),
        ("Redirect", OfferStyle.REDIRECT),
        ("Hologram", OfferStyle.OTHER),
    ],
)
def test_a_style_is_known_by_its_word(said: str, style: OfferStyle) -> None:
    read = only(offer(offerStyle=said))

    assert (read.style, read.style_name, read.unreadable) == (style, said, ())


@pytest.mark.parametrize("objects", [None, {}, {"couponCode": None}, {"couponCode": ""}])
def test_without_a_style_it_is_a_coupon(objects: object) -> None:
    bare = without("offerStyle", "redirect", "nativeAd", "loyaltyCard")

    assert only({**bare, "loyaltyCard": objects}).style is OfferStyle.COUPON


@pytest.mark.parametrize("said", [None, 5, ["Coupon"]])
def test_a_style_that_got_lost_is_not_taken_for_a_coupon(said: object) -> None:
    read = only(offer(offerStyle=said))

    assert (read.style, read.unreadable) == (OfferStyle.OTHER, ("offerStyle",))


@pytest.mark.parametrize(
    ("said", "visibility", "unreadable"),
    [
        ("public", Visibility.PUBLIC, ()),
        ("Private", Visibility.PRIVATE, ()),
        ("secret", None, ("visibility",)),
        (None, None, ()),
    ],
)
def test_visibility_is_one_of_two_words(
    said: object, visibility: Visibility | None, unreadable: tuple[str, ...]
) -> None:
    read = only(offer(visibility=said))

    assert (read.visibility, read.unreadable) == (visibility, unreadable)


def test_a_date_that_cannot_be_read_keeps_its_words() -> None:
    read = only(offer(offerEnd="15-03-13 11:00:00 AM"))

    assert read.window.ends == When(raw="15-03-13 11:00:00 AM", at=None)
    assert read.unreadable == ("offerEnd",)


@pytest.mark.parametrize(
    ("limited", "listed", "asked", "scope", "stores"),
    [
        (False, [], False, StoreScope.NOT_ASKED, 0),
        (None, None, False, StoreScope.NOT_ASKED, 0),
        (False, [], True, StoreScope.ALL_ASKED, 0),
        (False, None, True, StoreScope.ALL_ASKED, 0),
        (False, [STORE], True, StoreScope.ALL_ASKED, 1),
        (True, [STORE], True, StoreScope.SOME_ASKED, 1),
        (True, [STORE], False, StoreScope.SOME_ASKED, 1),
        (True, [], True, StoreScope.NONE_ASKED, 0),
        (True, None, True, StoreScope.UNKNOWN, 0),
        (None, [], True, StoreScope.UNKNOWN, 0),
        ("perhaps", [STORE], True, StoreScope.UNKNOWN, 1),
        (True, "12", True, StoreScope.UNKNOWN, 0),
        (True, [{"name": "Dallas"}], True, StoreScope.UNKNOWN, 0),
    ],
)
def test_where_it_is_valid_depends_on_the_question_too(
    limited: object, listed: object, asked: bool, scope: StoreScope, stores: int
) -> None:
    read = only(
        offer(limitedStores=limited, validAtStores=listed),
        scope=StoreScope.ALL_ASKED if asked else StoreScope.NOT_ASKED,
    )

    assert read.validity.scope is scope
    assert len(read.validity.stores) == stores


@pytest.mark.parametrize("listed", [["12", "34"], [12, 34], [{"id": 12}, {"id": "34"}]])
def test_stores_may_be_ids_alone(listed: object) -> None:
    stores = only(offer(validAtStores=listed)).validity.stores

    assert stores == (Shop(store_id="12"), Shop(store_id="34"))


def test_a_store_is_read_whole() -> None:
    assert only(offer(displayStore=STORE)).display_store == DALLAS


def test_a_zip_may_have_lost_its_quotes() -> None:
    read = only(offer(displayStore={**STORE, "zip": 75001}))

    assert read.display_store == replace(DALLAS, zip="75001")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"lat": 91}, "store.lat"),
        ({"lon": "west"}, "store.lon"),
        ({"name": 5}, "store.name"),
        ({"lat": True}, "store.lat"),
    ],
)
def test_an_illegible_field_of_a_store_costs_that_field(
    changes: dict[str, object], name: str
) -> None:
    read = only(offer(displayStore={**STORE, **changes}))

    assert read.display_store is not None
    assert read.display_store.store_id == "12"
    assert read.unreadable == (name,)


@pytest.mark.parametrize(
    ("pos", "limit", "count", "left"),
    [
        ({"redemptionLimit": 3, "redemptionCount": 1}, 3, 1, 2),
        ({"redemptionLimit": "3", "redemptionCount": 4.0}, 3, 4, 0),
        ({"redemptionLimit": 3}, 3, None, None),
        ({"redemptionCount": 2}, None, 2, None),
        ({"redemptionLimit": 3, "redemptionCount": -1}, 3, None, None),
        ({"redemptionLimit": True, "redemptionCount": 1.5}, None, None, None),
        ({"redemptionLimit": "many", "redemptionCount": 10**20}, None, None, None),
        (None, None, None, None),
    ],
)
def test_redemptions_are_counted_only_as_far_as_they_are_known(
    pos: object, limit: int | None, count: int | None, left: int | None
) -> None:
    redemptions = only(offer(consumerPOS=pos)).redemptions

    assert (redemptions.limit, redemptions.count, redemptions.left) == (limit, count, left)


@pytest.mark.parametrize(
    ("said", "tags", "unreadable"),
    [
        ("a", ("a",), ()),
        (" a ,, b,", ("a", "b"), ()),
        ("", (), ()),
        (["a"], (), ("tags",)),
    ],
)
def test_tags_are_one_text(said: object, tags: tuple[str, ...], unreadable: object) -> None:
    read = only(offer(tags=said))

    assert (read.tags, read.unreadable) == (tags, unreadable)


def test_a_number_in_place_of_a_barcode_is_no_barcode() -> None:
    read = only(offer(barcodeString=7501))

    assert (read.assets.barcode, read.unreadable) == (None, ("barcodeString",))


def test_what_is_worth_money_is_not_shown() -> None:
    shown = repr(only(offer()))

    for secret in ("1=3&2=110627", "LC1281", "upc.png", "/print.png", "ann/offers"):
        assert secret not in shown


def test_each_offer_of_an_answer_is_read_for_itself() -> None:
    good, bad = offers_in(envelope(offer(), offer(offerId=2, timer="soon")))

    assert (good.timer, good.unreadable) == (600, ())
    assert (bad.timer, bad.unreadable) == (None, ("timer",))
