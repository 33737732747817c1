"""When a watch has its turns: a rate of looks by age, and another one around the code's end.

A cadence counts the turns from a beginning on, as a real number that only grows; a watch has a
turn whenever the count plus its phase passes a whole number. So nothing need be remembered:
from one tick to the next it can be computed who had a turn in between, once, whatever ticks
were late.

Under a budget the rate is lowered level by level: nowhere is it higher than what a look is worth
there. That is proportional to the square root of the hazard, the chance that a watch redeems just
now: so a fixed number of calls detects soonest (docs/performance.md#polling-schedule). The policy
says how the hazard goes: the further its steps grow, the faster it falls by age; where all are
equal, it does not. Around the end it rises once more.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from couponbus.domain.polling.poll_policy import DAY, PollPolicy

LEVELS_PER_HALF = 8  # so many levels halve what may be spent on a watch
LEVELS = 20 * LEVELS_PER_HALF
DENSEST = 60.0  # seconds between looks that are worth 1, at level 0
# Measured, see tests/benchmarks. With the default policy the worth of a look falls to a half in
# twelve days; some hours around the end it is twice that of the first one.
FALL = 0.012 / DAY
END_WORTH, END_WIDTH = 2.0, 8 * 3600.0
NODE_GROWTH, NODE_MIN = 1.03, 60.0
BEFORE_END, AFTER_END = 48 * 3600.0, 4 * 3600.0
END_FLOOR, END_SHARE = 1800.0, 2 / 3  # between looks: at least, and of what is left to the end


@dataclass(frozen=True, slots=True)
class Cadence:
    """Turns by seconds since the beginning; the rate is constant between two nodes."""

    nodes: Sequence[float]
    counts: Sequence[float]
    rates: Sequence[float]

    def turns(self, seconds: float) -> float:
        """Return how many turns there were by then."""
        place = self._place(seconds)
        return self.counts[place] + (max(seconds, 0.0) - self.nodes[place]) * self.rates[place]

    def rate(self, seconds: float) -> float:
        """Return the turns per second there."""
        return self.rates[self._place(seconds)] if seconds >= 0 else 0.0

    def _place(self, seconds: float) -> int:
        return max(bisect_right(self.nodes, seconds) - 1, 0)


def has_turn(before: float, after: float, *, phase: float) -> bool:
    """Say whether a turn lies between two counts, for a watch of this phase."""
    return math.floor(after + phase) > math.floor(before + phase)


@lru_cache(maxsize=512)
def by_age(poll_policy: PollPolicy, *, level: int, max_interval_seconds: float) -> Cadence:
    """Return the cadence from the start of a watch on; no pause exceeds `max_interval_seconds`."""
    return _of_poll_policy(
        poll_policy, lambda age: max(_lowered(poll_policy, age, level), 1.0 / max_interval_seconds)
    )


@lru_cache(maxsize=256)
def above_rest(poll_policy: PollPolicy, *, level: int, max_interval_seconds: float) -> Cadence:
    """Return what `by_age` has more than `resting`: both together have as many turns as it."""
    return _of_poll_policy(
        poll_policy,
        lambda age: max(_lowered(poll_policy, age, level) - 1.0 / max_interval_seconds, 0.0),
    )


@lru_cache(maxsize=64)
def resting(poll_policy: PollPolicy, *, max_interval_seconds: float) -> Cadence:
    """Return a turn each `max_interval_seconds`, whatever the level."""
    return _of_poll_policy(poll_policy, lambda _: 1.0 / max_interval_seconds)


@lru_cache(maxsize=256)
def around_end(*, level: int) -> Cadence:
    """Return the cadence from `BEFORE_END` seconds before the end on, to `AFTER_END` behind it."""
    most = END_WORTH * _paid(level)

    def rate(since: float) -> float:
        distance = abs(since - BEFORE_END)
        wanted = 1.0 / max(END_SHARE * distance, END_FLOOR)
        return min(wanted, most * END_WIDTH / max(distance, END_WIDTH))

    return _cadence(rate, end=BEFORE_END + AFTER_END, growth=1.0, least=END_FLOOR / 2)


def policy_rate(poll_policy: PollPolicy, age: float) -> float:
    """Return the looks per second that a poll policy asks for at an age."""
    step = min(
        max(poll_policy.share_permille / 1000 * age, poll_policy.floor_seconds),
        poll_policy.cap_seconds,
    )
    return 1.0 / step


def _lowered(poll_policy: PollPolicy, age: float, level: int) -> float:
    growth = math.log(poll_policy.cap_seconds / poll_policy.floor_seconds)
    return min(policy_rate(poll_policy, age), _paid(level) * math.exp(-FALL * growth * age))


def _paid(level: int) -> float:
    """Return the looks per second that a watch gets at most where a look is worth 1."""
    if level == 0:
        return math.inf
    paid: float = 2.0 ** (-level / LEVELS_PER_HALF) / DENSEST
    return paid


def _of_poll_policy(poll_policy: PollPolicy, rate: Callable[[float], float]) -> Cadence:
    """Return a cadence whose nodes lie closely enough for each age, up to the horizon."""
    least = min(NODE_MIN, (NODE_GROWTH - 1) * _knee(poll_policy))
    return _cadence(rate, end=poll_policy.horizon_seconds, least=least)


def _knee(poll_policy: PollPolicy) -> float:
    """Return the age at which the floor stops to hold."""
    return poll_policy.floor_seconds * 1000 / poll_policy.share_permille


def _cadence(
    rate: Callable[[float], float],
    *,
    end: float,
    growth: float = NODE_GROWTH,
    least: float,
) -> Cadence:
    """Return the cadence of a rate; behind `end` there are no turns any more."""
    nodes, counts, rates = [0.0], [0.0], []
    while nodes[-1] < end:
        here = nodes[-1]
        there = max(here * growth, here + least)
        rates.append(rate((here + there) / 2))
        nodes.append(there)
        counts.append(counts[-1] + (there - here) * rates[-1])
    return Cadence(nodes=nodes, counts=counts, rates=[*rates, 0.0])
