"""A Koupon client with one account, "main", at an address on this machine."""

import ssl
from dataclasses import dataclass, field

from couponbus.domain.errors import SecretUnavailable
from couponbus.providers.http.transport import Transport
from couponbus.providers.koupon.account import AdultOffers, KouponAccount
from couponbus.providers.koupon.client import KouponOffers
from tests.unit.providers.fakes import WallClock

CLOCK = WallClock()
TRUST = ssl.create_default_context()
SECRET = '{"identifier": "test-identifier", "secret": "test-secret"}'


@dataclass(slots=True, kw_only=True)
class RotatingSecrets:
    """Texts that are read once; `refresh` brings what has been stored since."""

    stored: dict[str, str] = field(default_factory=lambda: {"secret": SECRET})
    refreshed: list[str] = field(default_factory=list)
    _read: dict[str, str] = field(default_factory=dict)

    def get(self, secret_id: str) -> str:
        if secret_id not in self._read:
            if secret_id not in self.stored:
                raise SecretUnavailable("it is gone")
            self._read[secret_id] = self.stored[secret_id]
        return self._read[secret_id]

    def refresh(self, secret_id: str) -> None:
        self.refreshed.append(secret_id)
        self._read.pop(secret_id, None)

    def remember(self, text: str) -> None:
        """Treat this as already read, regardless of what is stored."""
        self._read["secret"] = text


def client(
    url: str,
    *,
    secrets: RotatingSecrets | None = None,
    adult_offers: AdultOffers = AdultOffers.WITHHELD,
    ids_per_call: int = 50,
    timezone: str = "America/Chicago",
) -> KouponOffers:
    """Return a client whose calls go to `url`."""
    account = KouponAccount(
        name="main",
        base_url=url,
        secret_id="secret",
        adult_offers=adult_offers,
        ids_per_call=ids_per_call,
        timezone=timezone,
    )
    return KouponOffers(
        accounts={"main": account},
        secrets=secrets or RotatingSecrets(),
        transport=Transport(clock=CLOCK, trust=TRUST, connect_seconds=0.5),
        clock=CLOCK,
    )
