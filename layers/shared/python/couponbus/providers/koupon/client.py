"""Client of Koupon Media's Offers API v2: a consumer's offers (docs/providers.md#koupon-media)."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

from couponbus.domain.errors import ContractBroken, RequestRefused
from couponbus.domain.polling.offer import Offer, OfferList, StoreScope
from couponbus.ports.shared import Clock
from couponbus.providers.http.transport import HttpAnswer, Transport
from couponbus.providers.koupon.account import AdultOffers, KouponAccount
from couponbus.providers.koupon.credentials import SecretTexts
from couponbus.providers.koupon.gets import PROVIDER, KouponGet, SignedGets
from couponbus.providers.koupon.parameters import OfferFilter
from couponbus.providers.koupon.reading import BrokenAnswer, KouponReading, read_answer
from couponbus.providers.koupon.texts import check_offer_ids, check_segment
from couponbus.providers.koupon.translation import to_offer
from couponbus.providers.koupon.urls import check_length, chunks, offers_url
from couponbus.providers.koupon.wire import WireSummary

ALL = "GET /v2/{consumer}/offers"
SOME = "GET /v2/{consumer}/offers/{offers}"
EVERYTHING = OfferFilter()
_NOTHING = KouponReading(offers=(), summary=WireSummary())
_POSITION = frozenset({"latitude", "longitude"})

logger = logging.getLogger(__name__)


class KouponOffers:
    """Offers of any number of accounts; safe to share between threads.

    Offers for adults are returned only if the account allows it and the consumer is authenticated
    for the brand; the summary's tobacco brands are never returned.
    """

    def __init__(
        self,
        *,
        accounts: Mapping[str, KouponAccount],
        secrets: SecretTexts,
        transport: Transport,
        clock: Clock,
    ) -> None:
        """`accounts` are keyed by name; nothing is called yet."""
        self._accounts = accounts
        self._gets = SignedGets(secrets=secrets, transport=transport, clock=clock)

    def offers(
        self,
        *,
        account: str,
        consumer: str,
        wanted: OfferFilter = EVERYTHING,
        deadline: datetime,
    ) -> OfferList:
        """Return all offers that a consumer can still use and that pass the filter.

        Raises InputRejected before anything is sent, RequestRefused for an unknown consumer,
        ProviderError.
        """
        request = self._request(account, consumer, wanted, route=ALL)
        check_length(request.url)
        answer = self._gets.get(request, deadline=deadline)
        if answer is None:
            raise RequestRefused(
                "status_404", provider=PROVIDER, route=ALL, status=HTTPStatus.NOT_FOUND
            )
        reading = _read(answer, route=ALL)
        return _listed(request.account, wanted, reading, short_by=reading.short_by)

    def offer(
        self,
        *,
        account: str,
        consumer: str,
        offer_id: str,
        wanted: OfferFilter = EVERYTHING,
        deadline: datetime,
    ) -> Offer | None:
        """Return one offer, None when this consumer cannot use it (any more).

        A used-up offer, a withdrawn one and one that must not be shown cannot be distinguished.
        Raises InputRejected, ProviderError.
        """
        found = self.several(
            account=account,
            consumer=consumer,
            offer_ids=(offer_id,),
            wanted=wanted,
            deadline=deadline,
        )
        return next(iter(found.offers), None)

    def several(
        self,
        *,
        account: str,
        consumer: str,
        offer_ids: Sequence[str],
        wanted: OfferFilter = EVERYTHING,
        deadline: datetime,
    ) -> OfferList:
        """Return the offers that the consumer can still use, and the ids of the others.

        One call for each 50 ids or 2,000 characters of URL; at most 1,000 ids. Raises
        InputRejected, ProviderError.
        """
        request = self._request(account, consumer, wanted, route=SOME)
        ids = check_offer_ids(offer_ids)
        found: list[OfferList] = []
        # All chunks first: an id that cannot be sent is rejected before any call.
        for piece in tuple(chunks(ids, most=request.account.ids_per_call, url=request.url)):
            part = self._request(account, consumer, wanted, route=SOME, offer_ids=piece)
            answer = self._gets.get(part, deadline=deadline)
            reading = _NOTHING if answer is None else _read(answer, route=SOME)
            present = {one.wire.offer_id for one in reading.offers}
            if not present <= set(piece):
                raise _broken("foreign_offer", route=SOME)
            listed = _listed(request.account, wanted, reading, short_by=0)
            found.append(replace(listed, missing=frozenset(piece) - present))
        return _joined(found)

    def _request(
        self,
        account: str,
        consumer: str,
        wanted: OfferFilter,
        *,
        route: str,
        offer_ids: Sequence[str] = (),
    ) -> KouponGet:
        known = self._accounts.get(account)
        if known is None:
            raise _broken("unknown_account", route=route)
        check_segment(consumer, field="consumer")
        pairs = wanted.pairs(style=known.date_style)
        url = offers_url(known.base_url, consumer=consumer, offer_ids=offer_ids, query=pairs)
        position = [value for name, values in pairs if name in _POSITION for value in values]
        hidden = (consumer, quote(consumer, safe=""), *position)
        return KouponGet(account=known, url=url, route=route, hidden=hidden)


def _read(answer: HttpAnswer, *, route: str) -> KouponReading:
    if answer.status == HTTPStatus.NO_CONTENT:
        return _NOTHING
    try:
        return read_answer(answer.body)
    except BrokenAnswer as broken:
        reason = str(broken)
    raise _broken(reason, route=route)


def _listed(
    account: KouponAccount, wanted: OfferFilter, reading: KouponReading, *, short_by: int
) -> OfferList:
    scope = StoreScope.ALL_ASKED if wanted.asks_for_stores else StoreScope.NOT_ASKED
    offers = [
        to_offer(one, zone=account.zone, scope=scope, tobacco_brands=reading.tobacco_brands)
        for one in reading.offers
    ]
    _warn_of_unreadable(offers)
    shown = tuple(offer for offer in offers if _may_leave(offer, account=account))
    return OfferList(offers=shown, withheld=len(offers) - len(shown), short_by=short_by)


def _may_leave(offer: Offer, *, account: KouponAccount) -> bool:
    if offer.is_adult and account.adult_offers is AdultOffers.WITHHELD:
        return False
    return offer.may_be_shown


def _joined(parts: Sequence[OfferList]) -> OfferList:
    return OfferList(
        offers=tuple(offer for part in parts for offer in part.offers),
        withheld=sum(part.withheld for part in parts),
        missing=frozenset[str]().union(*(part.missing for part in parts)),
    )


def _warn_of_unreadable(offers: Sequence[Offer]) -> None:
    names = sorted({name for offer in offers for name in offer.unreadable})
    if names:
        logger.warning("koupon_fields_unreadable", extra={"fields": names})


def _broken(reason: str, *, route: str) -> ContractBroken:
    return ContractBroken(reason, provider=PROVIDER, route=route)
