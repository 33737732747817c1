"""The state of the simulated Koupon: consumers with their redemptions, offers and stores."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from couponbus_sandbox.koupon.world import Offer, Store


@dataclass(slots=True, kw_only=True)
class Consumer:
    """A consumer; `serial` stands for the identity in barcodes."""

    identity: str
    serial: int
    loyalty: str | None = None
    authenticated_brands: set[int] = field(default_factory=set)
    targeted: set[int] = field(default_factory=set)
    redeemed: Counter[int] = field(default_factory=Counter)
    printed: Counter[int] = field(default_factory=Counter)
    states: list[tuple[int, str]] = field(default_factory=list)


class Book:
    """The state; not thread-safe."""

    def __init__(self, *, offers: Iterable[Offer], stores: Iterable[Store]) -> None:
        self.offers = {offer.offer_id: offer for offer in offers}
        self.stores = {store.store_id: store for store in stores}
        self.consumers: dict[str, Consumer] = {}
        self.redemptions = 0
        self.voids = 0

    def consumer(self, identity: str, *, open_world: bool) -> Consumer | None:
        """Return a consumer; in an open world every consumer exists."""
        known = self.consumers.get(identity)
        return self.add_consumer(identity) if known is None and open_world else known

    def add_consumer(self, identity: str) -> Consumer:
        """Return the consumer of this identity, a new one if there is none."""
        if identity not in self.consumers:
            serial = 1 + len(self.consumers)
            self.consumers[identity] = Consumer(identity=identity, serial=serial)
        return self.consumers[identity]

    def visible(self, consumer: Consumer, *, now: datetime) -> list[Offer]:
        """Return the offers that the consumer can still use, of any brand, ordered by id."""
        return [
            offer
            for _, offer in sorted(self.offers.items())
            if offer.ends >= now and self.left(consumer, offer) > 0 and _may_know(consumer, offer)
        ]

    def left(self, consumer: Consumer, offer: Offer) -> int:
        """Return how often the consumer can still redeem it."""
        used = offer.redemption_limit - consumer.redeemed[offer.offer_id]
        return max(0, min(used, self.stock_left(offer)))

    def sold(self, offer: Offer) -> int:
        """Return how often all consumers have redeemed it."""
        return sum(each.redeemed[offer.offer_id] for each in self.consumers.values())

    def stock_left(self, offer: Offer) -> int:
        """Return how many redemptions are left for all consumers together."""
        return max(0, offer.stock - self.sold(offer))

    def redeem(self, consumer: Consumer, offer: Offer, *, times: int) -> int:
        """Redeem as often as limit and stock allow, and return the number of redemptions."""
        done = min(times, self.left(consumer, offer))
        consumer.redeemed[offer.offer_id] += done
        self.redemptions += done
        return done

    def void(self, consumer: Consumer, offer_id: int, *, times: int) -> int:
        """Void redemptions, at most those that exist, and return the number voided."""
        done = min(times, consumer.redeemed[offer_id])
        consumer.redeemed[offer_id] -= done
        self.voids += done
        return done


def may_see(consumer: Consumer, offer: Offer) -> bool:
    """Whether the offer is not for adults only, or its brand authenticated the consumer."""
    if offer.brand is None or not offer.brand.is_adult:
        return True
    return offer.brand.brand_id in consumer.authenticated_brands


def _may_know(consumer: Consumer, offer: Offer) -> bool:
    return offer.visibility == "public" or offer.offer_id in consumer.targeted
