"""The call budget of each polled account, as the schedule needs it: no client, no key."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Json

from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import Limits
from couponbus.ports.shared import RateLimiter
from couponbus.runtime.settings import FunctionSettings
from couponbus.runtime.start import Runtime


class _Spending(Protocol):
    """The part of an account's settings that limits it."""

    @property
    def name(self) -> str: ...
    @property
    def calls_per_second(self) -> float: ...
    @property
    def calls_per_day(self) -> int | None: ...
    @property
    def max_interval_seconds(self) -> float: ...


class Spender(BaseModel):
    """What limits an account and nothing else: the rest is the client's business."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    calls_per_second: float
    calls_per_day: int | None
    max_interval_seconds: float


type Spenders = Json[tuple[Spender, ...]]


def poll_accounts(
    *, uniqodo: Sequence[_Spending], koupon: Sequence[_Spending]
) -> list[PollAccount]:
    """Return the accounts of both providers as objects of the domain."""
    both: tuple[tuple[Provider, Sequence[_Spending]], ...] = (
        (Provider.UNIQODO, uniqodo),
        (Provider.KOUPON, koupon),
    )
    return [
        PollAccount(
            provider=provider,
            name=one.name,
            calls_per_second=one.calls_per_second,
            calls_per_day=one.calls_per_day,
            max_interval_seconds=one.max_interval_seconds,
        )
        for provider, accounts in both
        for one in accounts
    ]


def poll_budgets(
    runtime: Runtime[FunctionSettings], *, accounts: Sequence[PollAccount]
) -> Mapping[Provider, RateLimiter]:
    """Return the rate limiter of each provider, shared by all workers through the ledger."""
    return {
        provider: DynamoRateLimiter(
            client=runtime.clients.dynamodb,
            table=runtime.table,
            clock=runtime.clock,
            provider=provider.value,
            limits={
                one.name: Limits(
                    calls_per_second=one.calls_per_second, calls_per_day=one.calls_per_day
                )
                for one in accounts
                if one.provider is provider
            },
        )
        for provider in Provider
    }
