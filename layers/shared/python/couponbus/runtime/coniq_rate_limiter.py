"""The rate limiter of Coniq; apart from its client, which the sweeper does not need."""

from collections.abc import Mapping

from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.domain.issuing.account import Account
from couponbus.domain.rate_limit import Limits
from couponbus.runtime.settings import FunctionSettings
from couponbus.runtime.start import Runtime


def coniq_rate_limiter(
    runtime: Runtime[FunctionSettings], *, accounts: Mapping[str, Account]
) -> DynamoRateLimiter:
    """Return the rate limiter of the accounts, shared by all workers through the ledger table."""
    return DynamoRateLimiter(
        client=runtime.clients.dynamodb,
        table=runtime.table,
        clock=runtime.clock,
        provider="coniq",
        limits={
            name: Limits(calls_per_second=one.calls_per_second, brake=one.brake)
            for name, one in accounts.items()
        },
    )
