"""What one Coniq account holds: customers, offers and barcodes."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from couponbus_sandbox.coniq.settings import OPEN_WORLD_VALIDITY_DAYS, Offer

FIRST_CUSTOMER_ID = 1_000_001
NUMBERS = 10**14


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer; lookups find it from `visible_at` on."""

    customer_id: int
    email: str | None
    created: datetime
    visible_at: datetime
    fields: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBarcode:
    """A valid request for a barcode."""

    offer_id: int
    customer_id: int
    channel: str
    tracking_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Barcode:
    """A barcode that exists; lookups find it from `visible_at` on."""

    number: str
    request: NewBarcode
    active: bool | None
    expires: date | None
    created: datetime
    visible_at: datetime


class AccountBook:
    """The state of one account; ids and numbers depend on the seed and on the requests alone."""

    def __init__(self, *, name: str, seed: int, offers: Iterable[Offer]) -> None:
        self.name = name
        self.offers = {offer.offer_id: offer for offer in offers}
        self.customers: dict[int, Customer] = {}
        self.barcodes: dict[str, Barcode] = {}
        self.transactions: list[dict[str, object]] = []
        self._seed = seed
        self._by_email: dict[str, Customer] = {}
        self._by_customer: defaultdict[int, list[Barcode]] = defaultdict(list)
        self._by_tracking_code: defaultdict[str, list[Barcode]] = defaultdict(list)
        self._issued: Counter[tuple[int, int]] = Counter()
        self._next_customer_id = FIRST_CUSTOMER_ID

    def add_customer(self, customer: Customer) -> None:
        """Add a customer; replace one with the same id or e-mail."""
        self.customers[customer.customer_id] = customer
        if customer.email is not None:
            self._by_email[customer.email.casefold()] = customer

    def free_customer_id(self) -> int:
        """Return the next id that no customer has."""
        while self._next_customer_id in self.customers:
            self._next_customer_id += 1
        return self._next_customer_id

    def customer_by_email(self, email: str) -> Customer | None:
        """Return the customer, visible or not; the case of the address does not matter."""
        return self._by_email.get(email.casefold())

    def offer(self, offer_id: int, *, open_world: bool) -> Offer | None:
        """Return a configured offer or, in an open world, a plain one."""
        known = self.offers.get(offer_id)
        if known is None and open_world:
            return Offer(offer_id=offer_id, validity_days=OPEN_WORLD_VALIDITY_DAYS)
        return known

    def issue(self, request: NewBarcode, *, offer: Offer, now: datetime, delay: float) -> Barcode:
        """Issue a new barcode, even if the customer already has one."""
        barcode = Barcode(
            number=self._free_number(request),
            request=request,
            active=None if offer.kind == "offer" else not offer.requires_activation,
            expires=_expiry(offer, today=now.date()),
            created=now,
            visible_at=now + timedelta(seconds=delay),
        )
        self._issued[request.customer_id, request.offer_id] += 1
        self.barcodes[barcode.number] = barcode
        self._by_customer[request.customer_id].append(barcode)
        if request.tracking_code is not None:
            self._by_tracking_code[request.tracking_code].append(barcode)
        return barcode

    def of_customer(self, customer_id: int) -> list[Barcode]:
        """Return the barcodes of a customer, oldest first."""
        return self._by_customer.get(customer_id, [])

    def of_tracking_code(self, tracking_code: str) -> list[Barcode]:
        """Return the barcodes with this tracking code, oldest first."""
        return self._by_tracking_code.get(tracking_code, [])

    def repeated_tracking_codes(self) -> dict[str, int]:
        """Return the number of barcodes by tracking code, where there are several."""
        codes = self._by_tracking_code.items()
        return {code: len(found) for code, found in codes if len(found) > 1}

    def repeated_pairs(self) -> Iterator[tuple[int, int, int]]:
        """Yield customer, offer and number of barcodes where there are several."""
        for (customer_id, offer_id), times in self._issued.items():
            if times > 1:
                yield customer_id, offer_id, times

    def _free_number(self, request: NewBarcode) -> str:
        # From the request, not from a counter: the order of concurrent calls does not matter.
        nth = self._issued[request.customer_id, request.offer_id]
        text = f"{self._seed}/{self.name}/{request.customer_id}/{request.offer_id}/{nth}"
        number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % NUMBERS
        while f"24{number:014d}" in self.barcodes:
            number = (number + 1) % NUMBERS
        return f"24{number:014d}"


def _expiry(offer: Offer, *, today: date) -> date | None:
    if offer.validity_days is None:
        return None
    return today + timedelta(days=offer.validity_days)
