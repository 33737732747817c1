"""Signed calls to Koupon, with their raw answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from couponbus.providers.koupon.credentials import Credentials
from couponbus.providers.koupon.gets import HEADERS
from couponbus.providers.koupon.urls import Pairs, offers_url, sign_url
from couponbus_cli.app.formatting import count
from couponbus_cli.probe.caller import Caller, Reply

UNKNOWN_OFFER = "999999999"
_OTHER_SCHEME = {"http": "https", "https": "http"}

type WireOffer = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """How a request departs from a correct one; `age` is in seconds."""

    accept: str = "application/json"
    age: float = 0.0
    has_bad_signature: bool = False
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """An answer as a list of offers; `items` is None if it is not one."""

    reply: Reply
    items: Sequence[WireOffer] | None

    @property
    def ids(self) -> frozenset[str] | None:
        """The ids, as texts."""
        if self.items is None:
            return None
        return frozenset(str(item.get("offerId")) for item in self.items)

    @property
    def summary(self) -> str:
        """A short summary."""
        if self.items is None:
            return self.reply.summary
        return (
            count(len(self.items), "offer") if self.items else f"no offers ({self.reply.summary})"
        )


CORRECT = Variation()


@dataclass(slots=True, kw_only=True)
class KouponCalls:
    """Calls for one consumer, and keeps every answer.

    `ahead` is how far the provider's clock seems to be, in seconds; with `is_other_scheme` the
    signature is made over http instead of https, or the other way round.
    """

    caller: Caller
    base_url: str
    credentials: Credentials
    consumer: str = field(repr=False)
    ahead: float = 0.0
    is_other_scheme: bool = False
    replies: list[Reply] = field(default_factory=list)

    def offers(self, *offer_ids: str, query: Pairs = (), variation: Variation = CORRECT) -> Offers:
        """List the offers."""
        url = offers_url(self.base_url, consumer=self.consumer, offer_ids=offer_ids, query=query)
        reply = self.caller.get(
            lambda: self._signed(url, variation=variation),
            headers={**HEADERS, "Accept": variation.accept},
        )
        self.replies.append(reply)
        return _offers_of(reply)

    def _signed(self, url: str, *, variation: Variation) -> str:
        scheme = urlsplit(url).scheme
        signed_scheme = _OTHER_SCHEME[scheme] if self.is_other_scheme else scheme
        signed = sign_url(
            signed_scheme + url.removeprefix(scheme),
            identifier=self.credentials.identifier,
            secret=self.credentials.secret,
            timestamp=int(self.caller.now().timestamp() + self.ahead - variation.age),
        )
        if variation.has_bad_signature:
            signed = signed[:-1] + ("0" if signed[-1] != "0" else "1")
        return scheme + signed.removeprefix(signed_scheme) + variation.suffix


def _offers_of(reply: Reply) -> Offers:
    if reply.status == HTTPStatus.NO_CONTENT:
        return Offers(reply=reply, items=())
    if reply.status == HTTPStatus.NOT_FOUND and reply.value is not None:
        return Offers(reply=reply, items=())
    listed = reply.fields.get("Offers")
    if not reply.is_ok or not isinstance(listed, list):
        return Offers(reply=reply, items=None)
    items = tuple(cast("WireOffer", item) for item in listed if isinstance(item, dict))
    return Offers(reply=reply, items=items)
