"""The simulated Koupon as the controls use it: add, act and count."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pydantic import ConfigDict, TypeAdapter

from couponbus_sandbox.koupon.api import KouponApi
from couponbus_sandbox.koupon.book import Consumer
from couponbus_sandbox.koupon.settings import KouponSettings
from couponbus_sandbox.koupon.world import Count, Offer, OfferNumber, Store
from couponbus_sandbox.simulator.clock import Clock
from couponbus_sandbox.simulator.simulator import Simulator, SimulatorState


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxState(SimulatorState):
    """The counts of Koupon."""

    consumers: int
    offers: int
    stores: int
    redemptions: int
    voids: int
    reported_states: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsumer:
    """A consumer to add or change: the fields given here replace the stored ones."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    consumer: str
    authenticated_brands: tuple[OfferNumber, ...] = ()
    targeted: tuple[OfferNumber, ...] = ()
    redeemed: dict[OfferNumber, Count] | None = None
    printed: dict[OfferNumber, Count] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A redemption at a till, or a void."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    consumer: str
    offer_id: OfferNumber
    times: OfferNumber = 1


_CONSUMER = TypeAdapter(NewConsumer)
_TRANSACTION = TypeAdapter(Transaction)


class KouponSimulator(Simulator):
    """One simulated Koupon."""

    api: KouponApi

    def __init__(self, *, settings: KouponSettings) -> None:
        super().__init__(api=KouponApi(settings=settings.checked(), clock=Clock()))

    def add_consumers(self, consumers: Iterable[NewConsumer]) -> None:
        """Add or change consumers."""
        for new in consumers:
            _CONSUMER.validate_python(asdict(new))
            consumer = self.api.book.add_consumer(new.consumer)
            consumer.authenticated_brands = set(new.authenticated_brands)
            consumer.targeted = set(new.targeted)
            if new.redeemed is not None:
                consumer.redeemed = Counter(new.redeemed)
            if new.printed is not None:
                consumer.printed = Counter(new.printed)

    def add_offers(self, offers: Iterable[Offer]) -> None:
        """Add or replace offers."""
        self.api.book.offers |= {offer.offer_id: offer for offer in offers}

    def remove_offer(self, offer_id: int) -> None:
        """Withdraw an offer; raises KeyError."""
        if self.api.book.offers.pop(offer_id, None) is None:
            raise KeyError(f"offer {offer_id}")

    def add_stores(self, stores: Iterable[Store]) -> None:
        """Add or replace stores."""
        self.api.book.stores |= {store.store_id: store for store in stores}

    def redeem(self, transaction: Transaction) -> int:
        """Redeem as often as limit and stock allow, and return the number of redemptions."""
        consumer, offer = self._parties(transaction)
        return self.api.book.redeem(consumer, offer, times=transaction.times)

    def void(self, transaction: Transaction) -> int:
        """Void redemptions, at most those that exist, and return the number voided."""
        consumer, offer = self._parties(transaction)
        return self.api.book.void(consumer, offer.offer_id, times=transaction.times)

    def state(self) -> SandboxState:
        """Return the counts."""
        self.late.settle()
        book = self.api.book
        return SandboxState(
            clock=self.clock.now().isoformat(),
            consumers=len(book.consumers),
            offers=len(book.offers),
            stores=len(book.stores),
            redemptions=book.redemptions,
            voids=book.voids,
            reported_states=sum(len(each.states) for each in book.consumers.values()),
            calls=self.log.by_route(),
            faults_fired=dict(self.faults.fired),
            late_commits_pending=len(self.late),
        )

    def detail(self) -> dict[str, list[dict[str, object]]]:
        """Return the consumers, offers and stores, ready for JSON."""
        self.late.settle()
        book = self.api.book
        return {
            "consumers": [_shown(each) for each in book.consumers.values()],
            "offers": [_offer(offer) for offer in book.offers.values()],
            "stores": [asdict(store) for store in book.stores.values()],
        }

    def _parties(self, transaction: Transaction) -> tuple[Consumer, Offer]:
        _TRANSACTION.validate_python(asdict(transaction))
        offer = self.api.book.offers.get(transaction.offer_id)
        consumer = self.api.book.consumer(
            transaction.consumer, open_world=self.api.settings.open_world
        )
        if offer is None or consumer is None:
            raise KeyError("consumer or offer")
        return consumer, offer


def _shown(consumer: Consumer) -> dict[str, object]:
    return {
        "consumer": consumer.identity,
        "authenticated_brands": sorted(consumer.authenticated_brands),
        "targeted": sorted(consumer.targeted),
        "redeemed": {str(name): times for name, times in consumer.redeemed.items() if times},
        "states": [list(each) for each in consumer.states],
    }


def _offer(offer: Offer) -> dict[str, object]:
    moments = {name: getattr(offer, name).isoformat() for name in ("starts", "ends", "published")}
    return {**asdict(offer), **moments}
