"""Polls either provider for redemptions and returns the same kind of snapshot."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.errors import ContractBroken, InputRejected
from couponbus.domain.polling.impersonal import impersonal
from couponbus.domain.polling.offer import OfferList
from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.polling.snapshot import Snapshot, snapshot_of_offers, snapshot_of_redemptions
from couponbus.domain.provider import Provider
from couponbus.providers.koupon.client import ALL, EVERYTHING, KouponOffers
from couponbus.providers.koupon.parameters import OfferFilter
from couponbus.providers.uniqodo.client import UniqodoRedemptions

CLEARLY = timedelta(days=1)  # dates of publication have no zone


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRedemptions:
    """`ports.Redemptions`; safe to share between threads."""

    uniqodo: UniqodoRedemptions
    koupon: KouponOffers

    def poll(
        self,
        *,
        provider: Provider,
        account: str,
        promotion: str | None,
        user_id: str,
        list_filter: ListFilter | None,
        deadline: datetime,
    ) -> Snapshot:
        """Poll once: Uniqodo for one promotion, Koupon for the offers of a consumer.

        Raises ProviderError, also for a filter that was not kept; InputRejected; and for an
        unknown Uniqodo account ConfigurationInvalid.
        """
        if provider is Provider.KOUPON:
            listed = self.koupon.offers(
                account=account,
                consumer=user_id,
                wanted=_wanted(list_filter),
                deadline=deadline,
            )
            if list_filter is not None:
                _require_kept(list_filter, listed, by=deadline)
            return impersonal(snapshot_of_offers(listed), user_id=user_id)
        if promotion is None:
            raise InputRejected("missing", fields=("promotion",))
        redemption_list = self.uniqodo.redemptions(
            account=account, promotion=promotion, user_id=user_id, deadline=deadline
        )
        return impersonal(snapshot_of_redemptions(redemption_list), user_id=user_id)


def _wanted(list_filter: ListFilter | None) -> OfferFilter:
    if list_filter is None:
        return EVERYTHING
    return OfferFilter(
        publishedonly=list_filter.publishedonly,
        storeid=list_filter.storeid,
        channel=list_filter.channel,
        digital_property_code=list_filter.digital_property_code,
    )


def _require_kept(list_filter: ListFilter, listed: OfferList, *, by: datetime) -> None:
    """Raise ContractBroken where a list shows what its filter excludes, as far as offers say so.

    Otherwise offers that leave a list, or come into it, for another reason would look redeemed.
    """
    for offer in listed.offers:
        if list_filter.channel and offer.channel and _differ(offer.channel, list_filter.channel):
            raise _not_kept("channel_not_kept")
        published = offer.window.published
        at = published.at if published else None
        if list_filter.publishedonly and at is not None and at > by + CLEARLY:
            raise _not_kept("publishedonly_not_kept")


def _differ(one: str, other: str) -> bool:
    return one.strip().casefold() != other.strip().casefold()


def _not_kept(reason: str) -> ContractBroken:
    return ContractBroken(reason, provider=Provider.KOUPON, route=ALL)
