"""How receiving is put together; ports in, use case out."""

from collections.abc import Mapping, Sequence
from functools import partial

from couponbus.domain.inbound.callbacks import CallbackAccount, Producer
from couponbus.ports.inbound import IgnoredCallbackCounts, InboundKeys, PathSecrets, SignUps
from couponbus.ports.shared import Commands, Pseudonyms
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.inbound.receive_callback import ReceiveCallback
from couponbus.usecases.inbound.receive_hints import ReceiveHints
from couponbus.usecases.inbound.receive_sign_ups import ReceiveSignUps, TracesOfSignUps


def receive_callback(  # noqa: PLR0913 - one port each
    base: Foundation,
    *,
    keys: InboundKeys,
    sign_ups: SignUps,
    accounts: Sequence[CallbackAccount],
    path_secrets: PathSecrets,
    pseudonyms: Pseudonyms,
    polls: Commands,
    ignored: IgnoredCallbackCounts,
    producers: Mapping[Producer, InboundKeys],
) -> ReceiveCallback:
    """Return the receiver."""
    receive = partial(
        ReceiveSignUps,
        queue=sign_ups,
        ledger=base.ledger,
        clock=base.clock,
        ids=base.ids,
        traces=TracesOfSignUps(pseudonyms=pseudonyms, clock=base.clock),
    )
    return ReceiveCallback(
        sign_ups=receive(keys=keys),
        producers={
            producer.name: receive(keys=theirs, producer=producer)
            for producer, theirs in producers.items()
        },
        hints=ReceiveHints(
            accounts={account.name: account for account in accounts},
            secrets=path_secrets,
            pseudonyms=pseudonyms,
            polls=polls,
            ignored=ignored,
        ),
    )
