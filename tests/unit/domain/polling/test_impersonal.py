"""What is published of an offer or a redemption names no customer."""

from dataclasses import replace

import pytest

from couponbus.domain.polling.impersonal import impersonal
from couponbus.domain.polling.offer import OfferView
from couponbus.domain.polling.snapshot import OfferSnapshot, Snapshot
from tests.unit.domain.polling.snapshots import a_use

USER = "Ann-7"
WEB = "https://images.example"


def shown(title: str | None = None, image: str | None = None) -> OfferSnapshot:
    view = OfferView(title=title, image_url=image, style="coupon")
    return OfferSnapshot(offer_id="1", count=0, limit=1, starts=None, ends=None, view=view)


@pytest.mark.parametrize("text", ["For ann-7: half price", "For ann@customer.example", "(Ann-7)"])
def test_a_title_that_names_the_customer_is_left_out_and_the_rest_stays(text: str) -> None:
    snapshot = Snapshot(is_complete=True, offers=(shown(text, f"{WEB}/1.png"),))

    (offer,) = impersonal(snapshot, user_id=USER).offers

    assert offer.view == OfferView(title=None, image_url=f"{WEB}/1.png", style="coupon")


@pytest.mark.parametrize(
    "path", ["/a.png?for=Ann-7", "/Ann%2D7/a.png", "?to=ann%40customer.example", "?u=a@b.example"]
)
def test_an_address_that_names_the_customer_is_left_out(path: str) -> None:
    snapshot = Snapshot(is_complete=True, offers=(shown("Half price", WEB + path),))

    (offer,) = impersonal(snapshot, user_id=USER).offers

    assert offer.view == OfferView(title="Half price", image_url=None, style="coupon")


@pytest.mark.parametrize(
    ("title", "path"),
    [("Coffee @ Joe's", "/img@2x.png"), ("Ann-70", "/Joann-7/a.png"), (None, "/100%.png")],
)
def test_what_only_looks_like_a_name_stays(title: str | None, path: str) -> None:
    snapshot = Snapshot(is_complete=True, offers=(shown(title, WEB + path),))

    assert impersonal(snapshot, user_id=USER) == snapshot
    assert impersonal(snapshot, user_id=USER).offers[0].view == snapshot.offers[0].view


def test_an_order_or_a_label_that_names_the_customer_is_left_out() -> None:
    use = replace(a_use(1), order_id="order/ann-7", tags=["ann-7", "summer"])
    other = replace(a_use(2), tags=["summer"])

    cleared, kept = impersonal(Snapshot(is_complete=True, uses=(use, other)), user_id=USER).uses

    assert (cleared.order_id, list(cleared.tags)) == (None, ["summer"])
    assert kept == other
