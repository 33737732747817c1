"""What a batch of sign-ups shows of the state of issuing, beside what it counts."""

from collections.abc import Mapping
from datetime import datetime

from couponbus.usecases.invocation import Invocation, Metric


def levels_of(run: Invocation, *, sign_ups: int, now: datetime) -> Mapping[Metric, float]:
    """Return the share that no program matches, and the longest wait, where there is any."""
    levels: dict[Metric, float] = {}
    if sign_ups:
        levels[Metric.UNMATCHED_SHARE] = 100 * len(run.unmatched) / sign_ups
    if run.waiting:
        levels[Metric.LONGEST_WAIT] = (now - min(run.waiting)).total_seconds()
    return levels
