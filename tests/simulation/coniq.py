"""What a simulated Coniq has and makes: every item of every POST is a new barcode."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.simulation.world import World

STALEST = 35.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An item of a POST."""

    account: str
    customer_id: int
    offer_id: int
    channel: str
    tracking_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A barcode; `tracking_code` is None when a form of Coniq's own made it."""

    account: str
    number: str
    customer_id: int
    offer_id: int
    channel: str
    tracking_code: str | None
    at: float


@dataclass(slots=True, kw_only=True)
class Shop:
    """How one account behaves and who its customers are; e-mails are known from a time on."""

    name: str
    key: str
    known: dict[str, tuple[int, float]] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    poison: set[int] = field(default_factory=set)
    shows_tracking_codes: bool = True
    honest_items: bool = False


class Coniq:
    """All accounts; `watchers` see each barcode when it is made."""

    def __init__(self, world: World) -> None:
        self.shops: dict[str, Shop] = {}
        self.sold: list[Sold] = []
        self.watchers: list[Callable[[Sold], None]] = []
        self._world = world

    def open(self, shop: Shop) -> None:
        self.shops[shop.name] = shop

    def make(self, wish: Wish) -> Sold:
        return self._make(wish, tracking_code=wish.tracking_code)

    def make_by_form(self, wish: Wish) -> Sold:
        return self._make(wish, tracking_code=None)

    def make_later(self, wishes: Sequence[Wish], seconds: float) -> None:
        """Be slow: what was asked for is made when nobody listens any more."""

        def make() -> None:
            for wish in wishes:
                self.make(wish)

        self._world.after(seconds, make)

    def customer(self, account: str, email: str) -> int | None:
        known = self.shops[account].known.get(email)
        return known[0] if known is not None and known[1] <= self._world.now else None

    def listed(
        self,
        account: str,
        *,
        tracking_code: str | None,
        customer_id: int | None,
        offer_id: int | None,
        age: float,
    ) -> list[Sold]:
        """Return what was there `age` seconds ago and meets each criterion that is given."""
        return [
            one
            for one in self.sold
            if one.account == account
            and one.at <= self._world.now - age
            and tracking_code in (None, one.tracking_code)
            and customer_id in (None, one.customer_id)
            and offer_id in (None, one.offer_id)
        ]

    def coded(self, tracking_code: str) -> list[Sold]:
        return [one for one in self.sold if one.tracking_code == tracking_code]

    def _make(self, wish: Wish, *, tracking_code: str | None) -> Sold:
        sold = Sold(
            account=wish.account,
            number=f"24{self._world.weather.randrange(10**9, 10**10)}{len(self.sold):04d}",
            customer_id=wish.customer_id,
            offer_id=wish.offer_id,
            channel=wish.channel,
            tracking_code=tracking_code,
            at=self._world.now,
        )
        self.sold.append(sold)
        for watch in self.watchers:
            watch(sold)
        return sold
