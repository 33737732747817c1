"""A client of Uniqodo before the simulator."""

import ssl

from couponbus.domain.polling.redemption import RedemptionList
from couponbus.providers.http.transport import Transport
from couponbus.providers.uniqodo.account import Prefix, UniqodoAccount
from couponbus.providers.uniqodo.client import UniqodoRedemptions
from couponbus_sandbox.uniqodo import ONE_USE, UniqodoSandbox
from tests.unit.providers.fakes import RotatingKeys, WallClock

TRUST = ssl.create_default_context()
SECONDS = 1.5


class Hurried(WallClock):
    """Does not wait between two attempts."""

    def sleep(self, seconds: float) -> None:
        assert 0 < seconds < 1


CLOCK = Hurried()


def client(
    sandbox: UniqodoSandbox,
    *,
    prefix: Prefix = Prefix.PUBLISHER,
    keys: RotatingKeys | None = None,
) -> UniqodoRedemptions:
    """Return a client with one account, "main"."""
    account = UniqodoAccount(name="main", base_url=sandbox.url, secret_id="secret", prefix=prefix)
    return UniqodoRedemptions(
        accounts={"main": account},
        keys=keys or RotatingKeys(),
        transport=Transport(clock=CLOCK, trust=TRUST),
        clock=CLOCK,
    )


def ask(
    uniqodo: UniqodoRedemptions, user_id: str = "ABC123", promotion: str = ONE_USE
) -> RedemptionList:
    return uniqodo.redemptions(
        account="main", promotion=promotion, user_id=user_id, deadline=CLOCK.after(SECONDS)
    )
