"""How receiving is put together; ports in, use case out."""

from collections.abc import Sequence

from couponbus.domain.inbound.callbacks import CallbackAccount
from couponbus.ports.inbound import InboundKeys, PathSecrets, SignUps
from couponbus.ports.shared import Commands, Pseudonyms
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.inbound.receive_callback import ReceiveCallback
from couponbus.usecases.inbound.receive_hints import ReceiveHints
from couponbus.usecases.inbound.receive_sign_ups import ReceiveSignUps


def receive_callback(
    base: Foundation,
    *,
    keys: InboundKeys,
    sign_ups: SignUps,
    accounts: Sequence[CallbackAccount],
    path_secrets: PathSecrets,
    pseudonyms: Pseudonyms,
    polls: Commands,
) -> ReceiveCallback:
    """Return the receiver."""
    return ReceiveCallback(
        sign_ups=ReceiveSignUps(
            keys=keys, queue=sign_ups, ledger=base.ledger, clock=base.clock, ids=base.ids
        ),
        hints=ReceiveHints(
            accounts={account.name: account for account in accounts},
            secrets=path_secrets,
            pseudonyms=pseudonyms,
            polls=polls,
        ),
    )
