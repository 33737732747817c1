"""Coniq as a function uses it: the client with its keys."""

from collections.abc import Mapping

from couponbus.aws.secrets import Secrets
from couponbus.domain.issuing.account import Account
from couponbus.ports.shared import Clock
from couponbus.providers.coniq.client import ConiqBarcodes
from couponbus.providers.http.transport import Transport, trust_public_authorities


def coniq_barcodes(
    *, accounts: Mapping[str, Account], stage: str, secrets: Secrets, clock: Clock
) -> ConiqBarcodes:
    """Return the client. Raises ConfigurationInvalid when a host does not fit the stage."""
    transport = Transport(clock=clock, trust=trust_public_authorities())
    return ConiqBarcodes(
        accounts=accounts, stage=stage, keys=secrets, transport=transport, clock=clock
    )
