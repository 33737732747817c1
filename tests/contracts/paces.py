"""Rate limiters in memory and on DynamoDB, as the contract suites use them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.domain.brake import BrakeLimits
from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import Limits, Pace, Reservation
from couponbus.ports.shared import RateLimiter
from tests.fakes.clock import ManualClock
from tests.fakes.rate_limiter import MemoryRateLimiter
from tests.integration.aws.cloud import TABLE, a_cloud

KINDS = ("memory", "dynamodb")
SECOND = {"brand": 10.0, "slow": 1.0, "capped": 10.0}
A_DAY = 20
INTERVAL = 1 / 9.7
BRAKE = BrakeLimits(share=0.5, items=4, answers=2)


class Paces(RateLimiter, Protocol):
    """A rate limiter whose states an operator may read and change."""

    def pace(self, account: str) -> Pace: ...
    def change(self, account: str, change: Callable[[Pace], Pace]) -> Pace: ...


@contextmanager
def a_budget(kind: str, clock: ManualClock) -> Iterator[Paces]:
    if kind == "memory":
        yield MemoryRateLimiter(
            clock=clock, calls_per_second=SECOND, calls_per_day={"capped": A_DAY}, brake=BRAKE
        )
        return
    with a_cloud() as cloud:
        yield DynamoRateLimiter(
            client=cloud.clients.dynamodb,
            table=TABLE,
            clock=clock,
            provider="coniq",
            limits={
                name: Limits(
                    calls_per_second=calls,
                    calls_per_day=A_DAY if name == "capped" else None,
                    brake=BRAKE,
                )
                for name, calls in SECOND.items()
            },
        )


def leased(
    limiter: RateLimiter,
    *,
    calls: int = 1,
    within: float = 60.0,
    purpose: Purpose = Purpose.GET,
) -> Reservation:
    reservation = limiter.reserve(account="brand", calls=calls, within=within, purpose=purpose)
    assert isinstance(reservation, Reservation)
    return reservation


def fail(limiter: RateLimiter, *, times: int, health: Health = Health.FAILING) -> None:
    for reservation in [leased(limiter) for _ in range(times)]:
        limiter.report(reservation=reservation, health=health, retry_after=None)
