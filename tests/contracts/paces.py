"""Budgets in memory and on DynamoDB, as the contract suites use them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from couponbus.aws.rate_limiter import DynamoCallBudget
from couponbus.domain.brake import BrakeLimits
from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import Lease, Limits, Pace
from couponbus.ports.shared import CallBudget
from tests.fakes.call_budget import MemoryCallBudget
from tests.fakes.clock import ManualClock
from tests.integration.aws.cloud import TABLE, a_cloud

KINDS = ("memory", "dynamodb")
SECOND = {"brand": 10.0, "slow": 1.0, "capped": 10.0}
A_DAY = 20
INTERVAL = 1 / 9.7
BRAKE = BrakeLimits(share=0.5, items=4, answers=2)


class Paces(CallBudget, Protocol):
    """A budget whose paces an operator may see and change."""

    def pace(self, account: str) -> Pace: ...
    def change(self, account: str, change: Callable[[Pace], Pace]) -> Pace: ...


@contextmanager
def a_budget(kind: str, clock: ManualClock) -> Iterator[Paces]:
    if kind == "memory":
        yield MemoryCallBudget(
            clock=clock, calls_per_second=SECOND, calls_per_day={"capped": A_DAY}, brake=BRAKE
        )
        return
    with a_cloud() as cloud:
        yield DynamoCallBudget(
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
    budget: CallBudget,
    *,
    calls: int = 1,
    within: float = 60.0,
    purpose: Purpose = Purpose.QUESTION,
) -> Lease:
    lease = budget.lease(account="brand", calls=calls, within=within, purpose=purpose)
    assert isinstance(lease, Lease)
    return lease


def fail(budget: CallBudget, *, times: int, health: Health = Health.FAILING) -> None:
    for lease in [leased(budget) for _ in range(times)]:
        budget.report(lease=lease, health=health, retry_after=None)
