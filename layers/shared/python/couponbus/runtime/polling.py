"""The clients of the polled providers: one call for each slot, from many threads."""

from collections.abc import Sequence

from pydantic import Json

from couponbus.aws.secrets import Secrets
from couponbus.ports.shared import Clock
from couponbus.providers.http.transport import Transport, trust_public_authorities
from couponbus.providers.koupon.account import KouponAccount
from couponbus.providers.koupon.client import KouponOffers
from couponbus.providers.redemptions import ProviderRedemptions
from couponbus.providers.uniqodo.account import UniqodoAccount
from couponbus.providers.uniqodo.client import UniqodoRedemptions

type UniqodoAccounts = Json[tuple[UniqodoAccount, ...]]
type KouponAccounts = Json[tuple[KouponAccount, ...]]


def provider_redemptions(
    *,
    uniqodo: Sequence[UniqodoAccount],
    koupon: Sequence[KouponAccount],
    secrets: Secrets,
    clock: Clock,
    threads: int,
) -> ProviderRedemptions:
    """Return both clients on one transport that keeps a connection for each thread.

    Raises ConfigurationInvalid for an address or a zone that cannot be used.
    """
    transport = Transport(
        clock=clock, trust=trust_public_authorities(), repeats=0, connections=threads
    )
    return ProviderRedemptions(
        uniqodo=UniqodoRedemptions(
            accounts={one.name: one for one in uniqodo},
            keys=secrets,
            transport=transport,
            clock=clock,
        ),
        koupon=KouponOffers(
            accounts={one.name: one for one in koupon},
            secrets=secrets,
            transport=transport,
            clock=clock,
        ),
    )
