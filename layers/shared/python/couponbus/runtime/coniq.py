"""Coniq as a function uses it: the client with its keys, and the pace that all share."""

from collections.abc import Mapping

from couponbus.aws.call_budget import DynamoCallBudget
from couponbus.aws.clients import Clients
from couponbus.aws.secrets import Secrets
from couponbus.domain.account import Account
from couponbus.domain.pacing import Limits
from couponbus.ports import Clock
from couponbus.providers.coniq.client import ConiqBarcodes
from couponbus.providers.http import Transport, trust_public_authorities


def coniq_barcodes(
    *, accounts: Mapping[str, Account], stage: str, secrets: Secrets, clock: Clock
) -> ConiqBarcodes:
    """Return the client. Raises ConfigurationInvalid when a host does not fit the stage."""
    transport = Transport(clock=clock, trust=trust_public_authorities())
    return ConiqBarcodes(
        accounts=accounts, stage=stage, keys=secrets, transport=transport, clock=clock
    )


def coniq_budget(
    *, accounts: Mapping[str, Account], clients: Clients, table: str, clock: Clock
) -> DynamoCallBudget:
    """Return the pace of each account, shared by all workers through the ledger table."""
    return DynamoCallBudget(
        client=clients.dynamodb,
        table=table,
        clock=clock,
        provider="coniq",
        limits={
            name: Limits(calls_per_second=one.calls_per_second, brake=one.brake)
            for name, one in accounts.items()
        },
    )
