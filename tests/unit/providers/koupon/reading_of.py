"""An answer read the way the client reads it, without a call."""

from zoneinfo import ZoneInfo

from couponbus.domain.polling.offer import Offer, StoreScope
from couponbus.providers.koupon.reading import read_answer
from couponbus.providers.koupon.translation import to_offer
from tests.unit.providers.koupon.answers import encoded, envelope

CHICAGO = ZoneInfo("America/Chicago")


def offers_in(answer: object, *, scope: StoreScope = StoreScope.ALL_ASKED) -> list[Offer]:
    """Return the offers of an answer; raises BrokenAnswer."""
    reading = read_answer(encoded(answer))
    brands = reading.tobacco_brands
    return [
        to_offer(one, zone=CHICAGO, scope=scope, tobacco_brands=brands) for one in reading.offers
    ]


def only(item: object, *, scope: StoreScope = StoreScope.ALL_ASKED) -> Offer:
    """Return the offer that an answer with this one item has."""
    (offer,) = offers_in(envelope(item), scope=scope)
    return offer
