"""The pace at Coniq; apart from its client, which the sweeper does without."""

from collections.abc import Mapping

from couponbus.aws.clients import Clients
from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.domain.issuing.account import Account
from couponbus.domain.rate_limit import Limits
from couponbus.ports.shared import Clock


def coniq_budget(
    *, accounts: Mapping[str, Account], clients: Clients, table: str, clock: Clock
) -> DynamoRateLimiter:
    """Return the pace of each account, shared by all workers through the ledger table."""
    return DynamoRateLimiter(
        client=clients.dynamodb,
        table=table,
        clock=clock,
        provider="coniq",
        limits={
            name: Limits(calls_per_second=one.calls_per_second, brake=one.brake)
            for name, one in accounts.items()
        },
    )
