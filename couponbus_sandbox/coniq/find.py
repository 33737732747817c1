"""Looking up barcodes, customers and subscriptions at the simulated Coniq."""

from collections.abc import Iterable
from datetime import datetime

from couponbus_sandbox.coniq.book import AccountBook, Barcode, Customer
from couponbus_sandbox.coniq.checks import Problem, RefusalError, read_id
from couponbus_sandbox.coniq.settings import ConiqSettings
from couponbus_sandbox.coniq.views import Json, barcode_json, customer_json, subscription_json
from couponbus_sandbox.simulator.exchange import Answer

BETWEEN = 10**8  # the ids of customers with one e-mail

type Query = tuple[tuple[str, str], ...]


class Finder:
    """Searches the book of one account; finds only what is visible already."""

    def __init__(self, *, book: AccountBook, settings: ConiqSettings, now: datetime) -> None:
        self._book = book
        self._settings = settings
        self._now = now

    def barcodes(self, query: Query) -> Answer:
        """Answer GET /barcode, oldest first; raises RefusalError without a usable criterion."""
        criteria = self._criteria(query)
        found = [
            barcode_json(barcode, settings=self._settings)
            for barcode in self._candidates(criteria)
            if barcode.visible_at <= self._now and self._fits(barcode, criteria)
        ]
        return Answer(status=200, body=self._framed(found[: self._settings.list_cap]))

    def customers(self, query: Query) -> Answer:
        """Answer GET /customer?email=; raises RefusalError."""
        email = _only(query, ("email",))["email"]
        customer = self._visible_customer(email)
        if customer is not None:
            shown = customer_json(customer, settings=self._settings)
            others = range(self._settings.customers_per_email)
            return Answer(status=200, body=[_namesake(shown, number) for number in others])
        if self._settings.unknown_customer == "not_found":
            raise RefusalError(404, "Not Found")
        return Answer(status=200, body=[])

    def subscriptions(self, query: Query) -> Answer:
        """Answer GET /subscription: a customer with a barcode of an offer is subscribed to it."""
        wanted = _only(query, ("customer_email", "offer_id"))
        offer_id = read_id(wanted["offer_id"])
        customer = self._visible_customer(wanted["customer_email"])
        if offer_id is None:
            raise _bad_criterion("offer_id")
        offer = self._book.offer(offer_id, open_world=self._settings.open_world)
        if customer is None or offer is None:
            return Answer(status=200, body=[])
        owned = self._book.of_customer(customer.customer_id)
        if all(barcode.request.offer_id != offer_id for barcode in owned):
            return Answer(status=200, body=[])
        shown = subscription_json(customer, offer, settings=self._settings)
        return Answer(status=200, body=[shown])

    def _criteria(self, query: Query) -> dict[str, str]:
        known = {name: value for name, value in query if name in self._settings.filters}
        strangers = [name for name, _ in query if name not in self._settings.filters]
        if strangers and self._settings.unknown_filters == "reject":
            raise _bad_criterion(strangers[0])
        if not known:
            raise RefusalError(400, "At least one criterion is required")
        for name, value in known.items():
            if not value or (name in ("offer_id", "customer_id") and read_id(value) is None):
                raise _bad_criterion(name)
        return known

    def _framed(self, found: list[Json]) -> object:
        frame = self._settings.list_answer
        if frame == "single" and len(found) == 1:
            return found[0]
        return {frame: found} if frame in ("barcodes", "data") else found

    def _fits(self, barcode: Barcode, criteria: dict[str, str]) -> bool:
        return self._settings.filtering == "ignored" or _fits(barcode, criteria)

    def _candidates(self, criteria: dict[str, str]) -> Iterable[Barcode]:
        if self._settings.filtering == "ignored":
            return self._book.barcodes.values()
        if "customer_email" in criteria:
            customer = self._visible_customer(criteria["customer_email"])
            return [] if customer is None else self._book.of_customer(customer.customer_id)
        if "customer_id" in criteria:
            return self._book.of_customer(int(criteria["customer_id"]))
        if "tracking_code" in criteria:
            return self._book.of_tracking_code(criteria["tracking_code"])
        if "barcode_number" in criteria:
            barcode = self._book.barcodes.get(criteria["barcode_number"])
            return [] if barcode is None else [barcode]
        return self._book.barcodes.values()

    def _visible_customer(self, email: str) -> Customer | None:
        customer = self._book.customer_by_email(email)
        if customer is None or customer.visible_at > self._now:
            return None
        return customer


def _fits(barcode: Barcode, criteria: dict[str, str]) -> bool:
    shown = {
        "barcode_number": barcode.number,
        "offer_id": str(barcode.request.offer_id),
        "customer_id": str(barcode.request.customer_id),
        "tracking_code": barcode.request.tracking_code,
        "channel": barcode.request.channel,
    }
    # The candidates are already those with the e-mail.
    others = {name: value for name, value in criteria.items() if name != "customer_email"}
    return all(shown.get(name) == _plain(name, value) for name, value in others.items())


def _namesake(customer: Json, number: int) -> Json:
    """Return the customer (number 0), or another one with the same e-mail."""
    return {**customer, "customer_id": int(str(customer["customer_id"])) + number * BETWEEN}


def _plain(name: str, value: str) -> str:
    return str(int(value)) if name in ("offer_id", "customer_id") else value


def _only(query: Query, names: tuple[str, ...]) -> dict[str, str]:
    given = dict(query)
    for name in names:
        if not given.get(name):
            raise _bad_criterion(name)
    return given


def _bad_criterion(name: str) -> RefusalError:
    problem = Problem(field=name, message="This criterion is unknown, missing or malformed.")
    return RefusalError(400, "Validation Failed", problem)
