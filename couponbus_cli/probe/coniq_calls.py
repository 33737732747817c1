"""Calls to Coniq, with their raw answers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import cast
from urllib.parse import quote

from couponbus.providers.coniq.client import BATCH, CUSTOMER, SINGLE
from couponbus.providers.coniq.headers import headers_for
from couponbus.providers.coniq.message import is_own_error
from couponbus.providers.coniq.wire import ITEM_LISTS
from couponbus.providers.envelope import contradicts_items
from couponbus_cli.app.formatting import count
from couponbus_cli.probe.caller import Caller, Reply

WRONG_KEY = "couponbus-probe-not-a-key"
UNKNOWN_ID = "2147483647"
UNKNOWN_EMAIL = "couponbus-probe@unknown.invalid"
UNKNOWN_CODE = "couponbus-probe-nothing"
_UNRESERVED = "-._~"

type Item = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The customer, offer and tracking code to look up; never shown."""

    customer_id: int
    offer_id: int
    email: str | None = field(default=None, repr=False)
    tracking_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An answer as a list of objects; `items` is None if it is not a list."""

    reply: Reply
    items: Sequence[Item] | None
    lists: Sequence[str] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was found: an empty list, or a 404 of Coniq's own."""
        if self.items is not None:
            return not self.items
        return self.reply.status == HTTPStatus.NOT_FOUND and is_own_error(self.reply.body)

    @property
    def summary(self) -> str:
        """A short summary."""
        if self.items is None:
            return self.reply.summary
        return count(len(self.items), "barcode") if self.items else f"none ({self.reply.summary})"

    def all_have(self, name: str, value: object) -> bool:
        """Whether each item has this value, be it a number or its digits."""
        return all(str(item.get(name)) == str(value) for item in self.items or ())


class ConiqCalls:
    """Calls with the account's key and keeps every answer."""

    def __init__(self, *, caller: Caller, base_url: str, api_key: str) -> None:
        """Raise SecretUnavailable for a key that no header can carry."""
        self.caller = caller
        self.replies: list[Reply] = []
        self.listings: list[Listing] = []
        self._base_url = base_url
        self._headers = headers_for(api_key)

    def barcodes(self, **criteria: str) -> Listing:
        """List the barcodes for these criteria."""
        self.listings.append(listing_of(self._get(SINGLE, criteria, self._headers)))
        return self.listings[-1]

    def without_version(self, **criteria: str) -> Reply:
        """Return the answer to a request without x-api-version."""
        kept = {name: value for name, value in self._headers.items() if name != "x-api-version"}
        return self._get(SINGLE, criteria, kept)

    def with_wrong_key(self, **criteria: str) -> Reply:
        """Return the answer to an unknown API key."""
        return self._get(SINGLE, criteria, headers_for(WRONG_KEY))

    def customer(self, email: str) -> Reply:
        """Look up a customer by e-mail."""
        return self._get(CUSTOMER, {"email": email}, self._headers)

    def issue(self, request: Item) -> Reply:
        """Issue one barcode."""
        return self._post(SINGLE, request)

    def issue_batch(self, requests: Sequence[Item], *, envelope: str | None) -> Reply:
        """Issue several barcodes in one batch."""
        return self._post(BATCH, requests if envelope is None else {envelope: requests})

    def _get(self, path: str, criteria: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        pairs = [f"{name}={quote(value, safe=_UNRESERVED)}" for name, value in criteria.items()]
        url = self._base_url + path + ("?" + "&".join(pairs) if pairs else "")
        return self._noted(self.caller.get(lambda: url, headers=headers))

    def _post(self, path: str, body: object) -> Reply:
        sent = json.dumps(body).encode()
        url = self._base_url + path
        return self._noted(self.caller.post(url, headers=self._headers, body=sent))

    def _noted(self, reply: Reply) -> Reply:
        self.replies.append(reply)
        return reply


def listing_of(reply: Reply) -> Listing:
    """Read an answer as a list, bare or inside an object."""
    empty = Listing(reply=reply, items=None)
    if not reply.is_ok:
        return empty
    if isinstance(value := reply.value, list):
        items = _objects(value)
        return replace(empty, items=items) if items or not value else empty
    if "barcode_number" in reply.fields:
        return replace(empty, items=(reply.fields,))
    inside = {
        key: _objects(reply.fields[key])
        for key in ITEM_LISTS
        if isinstance(reply.fields.get(key), list)
    }
    if not inside:
        return empty
    items = tuple(item for each in inside.values() for item in each)
    # Only for empty lists: an issued barcode counts, also beside an error.
    if not items and contradicts_items(reply.fields, items=0):
        return empty
    return replace(empty, items=items, lists=tuple(inside))


def _objects(value: object) -> tuple[Item, ...]:
    items = value if isinstance(value, list) else []
    return tuple(cast("Item", item) for item in items if isinstance(item, dict))
