"""The three simulated providers of a local stack, and the keys that they accept."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from couponbus_sandbox.coniq import ConiqSandbox, ConiqSettings, coniq_server
from couponbus_sandbox.koupon import KouponSandbox, KouponSettings, koupon_server
from couponbus_sandbox.uniqodo import UniqodoSandbox, UniqodoSettings, uniqodo_server


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulators:
    """Running simulators; `keys` has the text for each secret, by `provider/account`."""

    coniq: ConiqSandbox
    uniqodo: UniqodoSandbox
    koupon: KouponSandbox
    keys: Mapping[str, str]

    @property
    def urls(self) -> Mapping[str, str]:
        """Return the URLs by provider."""
        return {
            "coniq": self.coniq.url,
            "uniqodo": self.uniqodo.url,
            "koupon": self.koupon.url,
        }

    def advance_clocks(self, *, seconds: float) -> None:
        """Move the clocks of all of them."""
        for each in (self.coniq, self.uniqodo, self.koupon):
            each.advance_clock(seconds=seconds)


@contextlib.contextmanager
def simulators(coniq: ConiqSettings) -> Iterator[Simulators]:
    """Run all three, on free ports, until the block ends."""
    uniqodo, koupon = UniqodoSettings(), KouponSettings()
    with (
        coniq_server(coniq) as first,
        uniqodo_server(uniqodo) as second,
        koupon_server(koupon) as third,
    ):
        keys = keys_of(coniq, uniqodo, koupon)
        yield Simulators(coniq=first, uniqodo=second, koupon=third, keys=keys)


def keys_of(
    coniq: ConiqSettings, uniqodo: UniqodoSettings, koupon: KouponSettings
) -> Mapping[str, str]:
    """Return the text for the secret of each account, by `provider/account`."""
    keys = {f"coniq/{each.name}": each.api_key for each in coniq.accounts}
    keys |= {f"uniqodo/{each.name}": each.api_key for each in uniqodo.accounts}
    keys |= {
        f"koupon/{each.name}": json.dumps({"identifier": each.identifier, "secret": each.secret})
        for each in koupon.accounts
    }
    return keys
