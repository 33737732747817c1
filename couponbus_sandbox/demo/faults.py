"""The faults at the provider during the demo: three of every five calls."""

import random

from couponbus_sandbox.simulator.faults import BATCH_ROUTE, FaultKind, FaultRule

SIGN_UPS_PER_ROUND = 1000
CALLS_PER_ROUND = 5
RETRY_AFTER_SECONDS = 2.0


def make_faults(*, sign_ups: int, seed: int) -> tuple[FaultRule, ...]:
    """Return, per thousand sign-ups, a lost answer, a 429 and a 500 among the next five calls."""
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    rounds = max(1, sign_ups // SIGN_UPS_PER_ROUND)
    rules: list[FaultRule] = []
    for number in range(rounds):
        first = number * CALLS_PER_ROUND
        lost, throttled, failed = chance.sample(range(CALLS_PER_ROUND), 3)
        rules += [
            _once(FaultKind.COMMIT_THEN_DROP, after=first + lost),
            _once(FaultKind.RATE_LIMITED, after=first + throttled),
            _once(FaultKind.SERVER_ERROR, after=first + failed),
        ]
    return tuple(rules)


def _once(kind: FaultKind, *, after: int) -> FaultRule:
    wait = RETRY_AFTER_SECONDS if kind is FaultKind.RATE_LIMITED else None
    return FaultRule(kind=kind, route=BATCH_ROUTE, after=after, count=1, retry_after=wait)
