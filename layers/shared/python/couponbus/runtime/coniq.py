"""Coniq as a function uses it: the client with its keys."""

from collections.abc import Mapping

from couponbus.aws.secrets import Secrets
from couponbus.domain.issuing.account import Account
from couponbus.providers.coniq.client import ConiqBarcodes
from couponbus.providers.http.transport import Transport, trust_public_authorities
from couponbus.runtime.settings import FunctionSettings
from couponbus.runtime.start import Runtime


def coniq_barcodes(
    runtime: Runtime[FunctionSettings], *, accounts: Mapping[str, Account], secrets: Secrets
) -> ConiqBarcodes:
    """Return the client. Raises ConfigurationInvalid when a host does not fit the stage."""
    return ConiqBarcodes(
        accounts=accounts,
        stage=runtime.settings.stage,
        keys=secrets,
        transport=Transport(clock=runtime.clock, trust=trust_public_authorities()),
        clock=runtime.clock,
    )
