"""The simulated Coniq as the controls use it: add, act and count."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from pydantic import ConfigDict

from couponbus_sandbox.coniq.api import ConiqApi
from couponbus_sandbox.coniq.book import AccountBook, Customer
from couponbus_sandbox.coniq.settings import ConiqSettings, Offer, PositiveId, Seconds
from couponbus_sandbox.coniq.views import barcode_json, customer_json
from couponbus_sandbox.simulator.clock import Clock
from couponbus_sandbox.simulator.simulator import Simulator, SimulatorState


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxState(SimulatorState):
    """The counts of Coniq."""

    barcodes: int
    customers: int
    transactions: int
    repeated_tracking_codes: dict[str, int]
    repeated_customer_offers: dict[str, int]
    items_per_batch: list[int]
    accounts: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCustomer:
    """A customer to add; without an id it gets the next free one."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    customer_id: PositiveId | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    external_id: str | None = None
    account: str | None = None
    visible_in_seconds: Seconds = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOffer(Offer):
    """An offer to add or to replace, in one account (the first, unless it is named)."""

    account: str | None = None


class ConiqSimulator(Simulator):
    """One simulated Coniq."""

    api: ConiqApi

    def __init__(self, *, settings: ConiqSettings) -> None:
        super().__init__(api=ConiqApi(settings=settings.checked(), clock=Clock()))

    def add_customers(self, customers: Iterable[NewCustomer]) -> list[int]:
        """Add customers and return their ids; raises KeyError for an unknown account."""
        return [self._add_customer(each) for each in customers]

    def add_offers(self, offers: Iterable[NewOffer]) -> None:
        """Add or replace offers; raises KeyError for an unknown account."""
        for each in offers:
            offer = {name: value for name, value in asdict(each).items() if name != "account"}
            self.api.book(each.account).offers[each.offer_id] = Offer(**offer)

    def state(self) -> SandboxState:
        """Return the counts."""
        self.late.settle()
        books = list(self.api.books.values())
        return SandboxState(
            clock=self.clock.now().isoformat(),
            barcodes=sum(len(book.barcodes) for book in books),
            customers=sum(len(book.customers) for book in books),
            transactions=sum(len(book.transactions) for book in books),
            repeated_tracking_codes=_merged(book.repeated_tracking_codes() for book in books),
            repeated_customer_offers=_merged(_pairs(book) for book in books),
            calls=self.log.by_route(),
            faults_fired=dict(self.faults.fired),
            items_per_batch=list(self.log.items_per_batch),
            late_commits_pending=len(self.late),
            accounts={book.name: _counts(book) for book in books},
        )

    def detail(self) -> dict[str, dict[str, list[dict[str, object]]]]:
        """Return the barcodes, customers and offers of each account, ready for JSON."""
        self.late.settle()
        return {book.name: self._contents(book) for book in self.api.books.values()}

    def _add_customer(self, new: NewCustomer) -> int:
        book = self.api.book(new.account)
        now: datetime = self.clock.now()
        named = ("first_name", "last_name", "external_id")
        customer = Customer(
            customer_id=new.customer_id or book.free_customer_id(),
            email=new.email,
            created=now,
            visible_at=now + timedelta(seconds=new.visible_in_seconds),
            fields={name: getattr(new, name) for name in named},
        )
        book.add_customer(customer)
        return customer.customer_id

    def _contents(self, book: AccountBook) -> dict[str, list[dict[str, object]]]:
        settings = replace(self.api.settings, absent_fields="null")
        barcodes, customers = book.barcodes.values(), book.customers.values()
        return {
            "barcodes": [barcode_json(barcode, settings=settings) for barcode in barcodes],
            "customers": [customer_json(customer, settings=settings) for customer in customers],
            "offers": [asdict(offer) for offer in book.offers.values()],
        }


def _counts(book: AccountBook) -> dict[str, int]:
    return {"barcodes": len(book.barcodes), "customers": len(book.customers)}


def _pairs(book: AccountBook) -> dict[str, int]:
    repeated = book.repeated_pairs()
    return {f"{book.name}/{customer}/{offer}": times for customer, offer, times in repeated}


def _merged(tables: Iterable[dict[str, int]]) -> dict[str, int]:
    return {name: times for table in tables for name, times in table.items()}
