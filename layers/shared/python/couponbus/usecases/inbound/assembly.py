"""How receiving is put together; ports in, use case out."""

from collections.abc import Sequence

from couponbus.domain.inbound.callback_account import CallbackAccount
from couponbus.ports.inbound import InboundKeys, PathSecrets, SignUps
from couponbus.ports.shared import Clock, Commands, Ids, Ledger, Pseudonyms
from couponbus.usecases.inbound.receive_callback import ReceiveCallback
from couponbus.usecases.inbound.receive_hints import ReceiveHints
from couponbus.usecases.inbound.receive_sign_ups import ReceiveSignUps


def receive_callback(  # noqa: PLR0913 - one port each
    *,
    ledger: Ledger,
    clock: Clock,
    ids: Ids,
    keys: InboundKeys,
    sign_ups: SignUps,
    accounts: Sequence[CallbackAccount],
    path_secrets: PathSecrets,
    pseudonyms: Pseudonyms,
    polls: Commands,
) -> ReceiveCallback:
    """Return the receiver."""
    return ReceiveCallback(
        sign_ups=ReceiveSignUps(keys=keys, queue=sign_ups, ledger=ledger, clock=clock, ids=ids),
        hints=ReceiveHints(
            accounts={account.name: account for account in accounts},
            secrets=path_secrets,
            pseudonyms=pseudonyms,
            polls=polls,
        ),
    )
