"""The simulated Koupon without its socket: calls in, answers out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import unquote

from couponbus_sandbox.koupon.book import Book, Consumer
from couponbus_sandbox.koupon.consumer_calls import ConsumerCalls
from couponbus_sandbox.koupon.filter import OfferFilter
from couponbus_sandbox.koupon.gate import (
    RefusalError,
    access_of,
    check_accept,
    check_signature,
    refusal_answer,
)
from couponbus_sandbox.koupon.settings import KouponSettings
from couponbus_sandbox.koupon.till import Till
from couponbus_sandbox.koupon.views import Views
from couponbus_sandbox.koupon.world import Offer
from couponbus_sandbox.simulator.exchange import Answer, Call
from couponbus_sandbox.simulator.provider_api import ProviderApi

ALL = "/v2/{consumer}/offers"
SOME = "/v2/{consumer}/offers/{offers}"
REGISTER = "/v2/consumer"
REDEEM = "/v1/transaction/redeem"
VOID = "/v1/transaction/void"
METHODS = {
    ALL: ("GET", "POST"),
    SOME: ("GET", "POST", "PUT"),
    REGISTER: ("POST",),
    REDEEM: ("POST",),
    VOID: ("POST",),
}
_PARTS = {ALL: 3, SOME: 4}

type Work = Callable[[Call, list[str]], Answer]


class KouponApi(ProviderApi):
    """All consumers of the simulated Koupon."""

    settings: KouponSettings

    def restart(self) -> None:
        """Begin with the offers and stores of the settings."""
        super().restart()
        self.book = Book(offers=self.settings.offers, stores=self.settings.stores)

    def now(self) -> datetime:
        """Return the time by Koupon's clock, which may be wrong."""
        return self.clock.now() + timedelta(seconds=self.settings.clock_skew_seconds)

    def route(self, call: Call) -> str:
        """Return the method and the path with its parameters named."""
        return f"{call.method} {_template(call)}"

    def account(self, call: Call) -> str | None:
        """Return the name of the account whose identifier the call carries."""
        access = access_of(call, settings=self.settings)
        return None if access is None else access.name

    def answer(self, call: Call) -> Answer:
        """Check the call in Koupon's order, carry it out and return Koupon's answer."""
        try:
            return self._checked(call)
        except RefusalError as refusal:
            return refusal_answer(refusal, settings=self.settings)

    def _checked(self, call: Call) -> Answer:
        template = _template(call)
        if template in (REDEEM, VOID):  # another product, whose calls are not signed like these
            return self._at_the_till(call, template)
        check_accept(call, settings=self.settings)
        check_signature(call, settings=self.settings, now=self.now())
        if template not in METHODS:
            raise RefusalError(HTTPStatus.NOT_FOUND, "resource not found")
        if call.method not in METHODS[template]:
            raise RefusalError(HTTPStatus.METHOD_NOT_ALLOWED, "method not allowed")
        calls = ConsumerCalls(book=self.book, settings=self.settings)
        if template == REGISTER:
            return calls.register(call)
        consumer = self._consumer(call)
        if call.method == "GET":
            return self._found(call, consumer)
        listed = _listed(call)
        return (
            calls.report(call, consumer, listed)
            if call.method == "PUT"
            else calls.target(call, consumer, listed)
        )

    def _at_the_till(self, call: Call, template: str) -> Answer:
        if call.method not in METHODS[template]:
            raise RefusalError(HTTPStatus.METHOD_NOT_ALLOWED, "method not allowed")
        till = Till(book=self.book)
        return till.void(call) if template == VOID else till.redeem(call)

    def _found(self, call: Call, consumer: Consumer) -> Answer:
        wanted = OfferFilter(
            dict(call.query), stores=self.book.stores, settings=self.settings, now=self.now()
        )
        visible = self.book.visible(consumer, now=self.now())
        found = [offer for offer in visible if wanted.matches(offer)]
        views = Views(
            book=self.book,
            consumer=consumer,
            settings=self.settings,
            stores=wanted.stores,
            display_store=wanted.display_store,
        )
        if _template(call) == ALL:
            return Answer(status=HTTPStatus.OK, body=views.listing(found))
        named = self._named(_listed(call), found)
        body = views.listing(named)
        if not body["Offers"] and self.settings.nothing_left == "not_found":
            raise RefusalError(HTTPStatus.NOT_FOUND, "no such offer for this consumer")
        return Answer(status=HTTPStatus.OK, body=body)

    def _named(self, names: list[str], found: list[Offer]) -> list[Offer]:
        by_name = {str(offer.offer_id): offer for offer in found}
        if self.settings.unknown_ids == "not_found" and not set(names) <= by_name.keys():
            raise RefusalError(HTTPStatus.NOT_FOUND, "an offer of the list does not exist")
        return [by_name[name] for name in dict.fromkeys(names) if name in by_name]

    def _consumer(self, call: Call) -> Consumer:
        identity = unquote(_segments(call)[1])
        consumer = self.book.consumer(identity, open_world=self.settings.open_world)
        if consumer is None:
            raise RefusalError(HTTPStatus.NOT_FOUND, "no such consumer")
        return consumer


def _template(call: Call) -> str:
    segments = _segments(call)
    for template, length in _PARTS.items():
        if len(segments) == length and all(segments) and segments[::2][:2] == ["v2", "offers"]:
            return template
    return call.target.partition("?")[0]


def _segments(call: Call) -> list[str]:
    # Split before decoding: an identity may contain a slash.
    return call.target.partition("?")[0].split("/")[1:]


def _listed(call: Call) -> list[str]:
    segments = _segments(call)
    return [unquote(name) for name in segments[3].split(",")] if len(segments) > 3 else []  # noqa: PLR2004
