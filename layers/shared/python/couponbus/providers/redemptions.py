"""Polls either provider for redemptions and returns the same kind of snapshot."""

from dataclasses import dataclass
from datetime import datetime

from couponbus.domain.errors import InputRejected
from couponbus.domain.polling.snapshot import Snapshot, snapshot_of_offers, snapshot_of_redemptions
from couponbus.domain.provider import Provider
from couponbus.providers.koupon.client import KouponOffers
from couponbus.providers.uniqodo.client import UniqodoRedemptions


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
        deadline: datetime,
    ) -> Snapshot:
        """Poll once: Uniqodo for one promotion, Koupon for all offers of a consumer.

        Raises ProviderError, InputRejected, ConfigurationInvalid for an unknown Uniqodo account.
        """
        if provider is Provider.KOUPON:
            listed = self.koupon.offers(account=account, consumer=user_id, deadline=deadline)
            return snapshot_of_offers(listed)
        if promotion is None:
            raise InputRejected("missing", fields=("promotion",))
        redemption_list = self.uniqodo.redemptions(
            account=account, promotion=promotion, user_id=user_id, deadline=deadline
        )
        return snapshot_of_redemptions(redemption_list)
