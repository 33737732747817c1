"""The simulated Coniq without its socket: calls in, answers out."""

import json
import re
from dataclasses import replace
from http import HTTPStatus

from couponbus_sandbox.coniq.book import AccountBook
from couponbus_sandbox.coniq.checks import (
    API_VERSION,
    Problem,
    RefusalError,
    api_key,
    json_body,
    refusal_answer,
)
from couponbus_sandbox.coniq.find import Finder
from couponbus_sandbox.coniq.issue import Issuer
from couponbus_sandbox.coniq.settings import ConiqSettings, SignupForm
from couponbus_sandbox.coniq.signup import SignupCalls
from couponbus_sandbox.simulator.exchange import Answer, Call
from couponbus_sandbox.simulator.provider_api import ProviderApi

SIGNUP_PATH = re.compile(r"^/signup/([A-Za-z0-9]{7})\.json$")
BATCH_ROUTE = "POST /barcode/batch"
METHODS = {
    "/barcode": ("GET", "POST"),
    "/barcode/batch": ("POST",),
    "/customer": ("GET",),
    "/subscription": ("GET",),
    "/create-transaction": ("POST",),
}


class ConiqApi(ProviderApi):
    """All accounts of the simulated Coniq."""

    settings: ConiqSettings

    def restart(self) -> None:
        """Begin with the accounts and forms of the settings."""
        super().restart()
        settings = self.settings
        self.forms = {form.form_hash: form for form in settings.forms}
        self.books = {
            account.api_key: AccountBook(
                name=account.name, seed=settings.seed, offers=settings.offers
            )
            for account in settings.accounts
        }

    def book(self, name: str | None) -> AccountBook:
        """Return the account of this name, or the first one; raises KeyError."""
        if name is None:
            return next(iter(self.books.values()))
        named = {book.name: book for book in self.books.values()}
        if name not in named:
            raise KeyError(f"account '{name}'")
        return named[name]

    def route(self, call: Call) -> str:
        """Return the method and the path with its parameters named."""
        path = "/signup/{hash}.json" if SIGNUP_PATH.match(call.path) else call.path
        return f"{call.method} {path}"

    def account(self, call: Call) -> str | None:
        """Return the name of the account whose key the call carries."""
        book = self.books.get(api_key(call) or "")
        return None if book is None else book.name

    def items(self, call: Call) -> list[object]:
        """Return the barcodes that the call requests, as far as they can be read."""
        if self.route(call) not in ("POST /barcode", BATCH_ROUTE):
            return []
        try:
            body = json.loads(call.body)
        except (ValueError, RecursionError):
            return []
        if self.route(call) == BATCH_ROUTE:
            listed = self._unwrapped(body)
            return listed if isinstance(listed, list) else []
        return [body]

    def counted(self, call: Call) -> int | None:
        """Return the number of items of a batch."""
        return len(self.items(call)) if self.route(call) == BATCH_ROUTE else None

    def first_items(self, call: Call, *, count: int) -> Call:
        """Return the call as if the batch had only its first `count` items."""
        items: object = self.items(call)[:count]
        if self.settings.batch_request_envelope is not None:
            items = {self.settings.batch_request_envelope: items}
        return replace(call, body=json.dumps(items).encode())

    def answer(self, call: Call) -> Answer:
        """Check the call in Coniq's order, carry it out and return Coniq's answer."""
        try:
            return self._checked(call)
        except RefusalError as refusal:
            return refusal_answer(refusal, settings=self.settings)

    def _checked(self, call: Call) -> Answer:
        book = self.books.get(api_key(call) or "")
        if book is None:
            raise RefusalError(HTTPStatus.UNAUTHORIZED, "Unauthorized")
        if call.headers.get("x-api-version") != API_VERSION:
            raise RefusalError(HTTPStatus.BAD_REQUEST, "x-api-version must be 2.0")
        allowed = ("POST",) if SIGNUP_PATH.match(call.path) else METHODS.get(call.path)
        if allowed is None:
            raise RefusalError(HTTPStatus.NOT_FOUND, "Not Found")
        if call.method not in allowed:
            raise RefusalError(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed")
        return self._found(call, book) if call.method == "GET" else self._done(call, book)

    def _found(self, call: Call, book: AccountBook) -> Answer:
        finder = Finder(book=book, settings=self.settings, now=self.clock.now())
        if call.path == "/barcode":
            return finder.barcodes(call.query)
        if call.path == "/customer":
            return finder.customers(call.query)
        return finder.subscriptions(call.query)

    def _done(self, call: Call, book: AccountBook) -> Answer:
        body = json_body(call)
        now = self.clock.now()
        if call.path == "/barcode":
            return Issuer(book=book, settings=self.settings, now=now).single(body)
        if call.path == "/barcode/batch":
            items = self._listed(body)
            return Issuer(book=book, settings=self.settings, now=now).batch(items)
        calls = SignupCalls(book=book, settings=self.settings, now=now)
        if call.path == "/create-transaction":
            return calls.transact(body)
        return calls.sign_up(self._form(call.path), body)

    def _form(self, path: str) -> SignupForm | None:
        return self.forms.get(path.removeprefix("/signup/").removesuffix(".json"))

    def _listed(self, body: object) -> list[object]:
        listed = self._unwrapped(body)
        if isinstance(listed, list):
            return listed
        wanted = self.settings.batch_request_envelope or "the body"
        problem = Problem(field="", message=f"{wanted} should be an array.")
        raise RefusalError(HTTPStatus.BAD_REQUEST, "Validation Failed", problem)

    def _unwrapped(self, body: object) -> object:
        key = self.settings.batch_request_envelope
        if key is None:
            return body
        return body.get(key) if isinstance(body, dict) else None
