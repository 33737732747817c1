"""Uniqodo's Code Query API: a customer's redemptions of a promotion (docs/providers.md#uniqodo)."""

from collections.abc import Mapping
from datetime import datetime

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.polling.redemption import RedemptionList
from couponbus.ports.shared import Clock
from couponbus.providers.api_keys import ApiKeys
from couponbus.providers.http.transport import Transport
from couponbus.providers.uniqodo.account import UniqodoAccount, checked_zone
from couponbus.providers.uniqodo.address import check_parameters
from couponbus.providers.uniqodo.gets import UniqodoGet, UniqodoGets
from couponbus.providers.uniqodo.redemption_list import redemption_list_of
from couponbus.providers.uniqodo.wire import WireAnswer


class UniqodoRedemptions:
    """Redemptions at any number of accounts; safe to share between threads."""

    def __init__(
        self,
        *,
        accounts: Mapping[str, UniqodoAccount],
        keys: ApiKeys,
        transport: Transport,
        clock: Clock,
    ) -> None:
        """Take accounts by name. Raises ConfigurationInvalid for a bad address or zone."""
        self._zones = {name: checked_zone(account) for name, account in accounts.items()}
        self._accounts = dict(accounts)
        self._gets = UniqodoGets(keys=keys, transport=transport, clock=clock)

    def redemptions(
        self, *, account: str, promotion: str, user_id: str, deadline: datetime
    ) -> RedemptionList:
        """Return this user's redemptions of this promotion.

        Raises ConfigurationInvalid for an unknown account, InputRejected for parameters that
        cannot be sent, RequestRefused for a pair that Uniqodo does not know, other ProviderErrors.
        """
        answer = self.answer(
            account=account, promotion=promotion, user_id=user_id, deadline=deadline
        )
        return redemption_list_of(answer, error_kinds=self._accounts[account].error_kinds)

    def answer(
        self, *, account: str, promotion: str, user_id: str, deadline: datetime
    ) -> WireAnswer:
        """Return the same in Uniqodo's own fields, for studies of its behaviour."""
        known = self._accounts.get(account)
        if known is None:
            raise ConfigurationInvalid(f"there is no Uniqodo account {account!r}")
        check_parameters(promotion=promotion, user_id=user_id)
        return self._gets.get(
            known,
            UniqodoGet(promotion=promotion, user_id=user_id),
            zone=self._zones[account],
            deadline=deadline,
        )
