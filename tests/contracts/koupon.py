"""Polls of a simulated Koupon, as contract tests make them."""

from couponbus.domain.polling.offer import Offer, OfferList
from couponbus.providers.koupon.client import KouponOffers
from couponbus.providers.koupon.parameters import OfferFilter
from tests.unit.providers.koupon.asking import CLOCK

SECONDS = 4.0
ANN = "ann+shop@example.test"


def ask(
    koupon: KouponOffers, *, wanted: OfferFilter | None = None, consumer: str = ANN
) -> OfferList:
    return koupon.offers(
        account="main",
        consumer=consumer,
        wanted=wanted or OfferFilter(),
        deadline=CLOCK.after(SECONDS),
    )


def one(koupon: KouponOffers, offer_id: str, *, consumer: str = ANN) -> Offer | None:
    return koupon.offer(
        account="main", consumer=consumer, offer_id=offer_id, deadline=CLOCK.after(SECONDS)
    )


def several(koupon: KouponOffers, *offer_ids: str) -> OfferList:
    return koupon.several(
        account="main", consumer=ANN, offer_ids=offer_ids, deadline=CLOCK.after(SECONDS)
    )


def near_dallas(*, miles: float | None = None) -> OfferFilter:
    return OfferFilter(latitude=32.7767, longitude=-96.797, geo_radius=miles)


def ids(found: OfferList) -> list[str]:
    return [offer.offer_id for offer in found.offers]
