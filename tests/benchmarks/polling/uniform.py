"""The plain design for comparison: each watch is polled at a fixed interval, all its life."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.benchmarks.polling.populations import GRACE, Group

PRECISION = 0.01  # minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    """The result of an interval; a watch ends with its redemption, or after the code's end."""

    interval: float
    calls: int
    delays: Sequence[float]


def at_equal_calls(groups: Sequence[Group], *, calls: int) -> Uniform:
    """Return the shortest interval that costs no more calls for these watches."""
    low, high = 1.0, 100_000.0
    while high - low > PRECISION:
        middle = (low + high) / 2
        if polled_every(middle, groups).calls > calls:
            low = middle
        else:
            high = middle
    return polled_every(high, groups)


def at_any_phase(interval: float, groups: Sequence[Group]) -> Sequence[float]:
    """Return the delays if the first poll of each watch came at any time in its first interval."""
    source, delays = Random(1), []
    for group in groups:
        last = group.expires + GRACE
        for at in group.redeemed:
            if at is not None:
                first = group.begun + source.random() * interval
                found = first + max(math.ceil((at - first) / interval), 0) * interval
                delays.append(min(found, last) - at)
    return delays


def polled_every(interval: float, groups: Sequence[Group]) -> Uniform:
    """Poll from the sign-up on, with a poll at it and a last one as in the real design."""
    calls, delays = 0, []
    for group in groups:
        last = group.expires + GRACE - group.begun
        whole = math.ceil(last / interval)  # the poll at the sign-up, and those before the last
        for at in group.redeemed:
            if at is None:
                calls += whole + 1
                continue
            found = min(math.ceil((at - group.begun) / interval) * interval, last)
            calls += math.ceil(found / interval) + 1
            delays.append(found + group.begun - at)
    return Uniform(interval=interval, calls=calls, delays=delays)
