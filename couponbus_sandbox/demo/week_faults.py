"""The faults at Uniqodo and Koupon during the week: a few of every hundred calls."""

from collections.abc import Iterator

from couponbus_sandbox.demo.week_facts import POLL_ROUTES
from couponbus_sandbox.local.stack import LocalStack
from couponbus_sandbox.simulator.faults import FaultKind, FaultRule

KINDS = (FaultKind.SERVER_ERROR, FaultKind.COMMIT_THEN_DROP)
SHARE = 0.015
RETRY_AFTER_SECONDS = 60.0
BEFORE_THE_FIRST = 40
TIMES_THROTTLED = 5
BETWEEN_THROTTLES = 120


def add_faults(stack: LocalStack, *, seed: int) -> None:
    """Put the faults into force; one answer of each provider also lacks items that it counts."""
    at_uniqodo, at_koupon = (f"{route}*" for route in POLL_ROUTES)
    stack.uniqodo.faults(*_faults(at_uniqodo, seed=seed))
    stack.koupon.faults(*_faults(at_koupon, seed=seed + 1))
    lacking, after = {"total_offset": 1}, BEFORE_THE_FIRST * 2
    stack.uniqodo.faults(
        FaultRule(kind=FaultKind.ALTERED, route=at_uniqodo, settings=lacking, after=after, count=1)
    )
    stack.koupon.faults(FaultRule(kind=FaultKind.SHORT, route=at_koupon, after=after, count=1))


def _faults(route: str, *, seed: int) -> Iterator[FaultRule]:
    for number, kind in enumerate(KINDS):
        yield FaultRule(
            kind=kind, route=route, after=BEFORE_THE_FIRST, rate=SHARE, seed=seed * 10 + number
        )
    for number in range(TIMES_THROTTLED):
        yield FaultRule(
            kind=FaultKind.RATE_LIMITED,
            route=route,
            after=BEFORE_THE_FIRST + number * BETWEEN_THROTTLES,
            count=1,
            retry_after=RETRY_AFTER_SECONDS,
        )
