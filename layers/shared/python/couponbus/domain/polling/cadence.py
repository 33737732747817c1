"""When a watch is polled: a rate of polls by age, and another one around the end of its code.

A cadence is the count of due polls from a beginning on, a real number that only grows; a poll of
a watch is due whenever the count plus its phase passes a whole number. So no state is kept for
each watch: the polls that fall due between two ticks are computed, each once, however late the
ticks are.

Under a budget the rate is lowered level by level: nowhere is it higher than what a poll is worth
there. That is proportional to the square root of the hazard, the chance that a watch redeems just
now: so a fixed number of calls detects soonest (docs/performance.md#polling-schedule). The policy
gives the hazard: the further its steps grow, the faster it falls by age; where all are equal, it
does not fall. Around the end it rises once more.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from couponbus.domain.polling.poll_policy import DAY, PollPolicy

LEVELS_PER_HALF = 8  # levels that halve the calls for a watch
LEVELS = 20 * LEVELS_PER_HALF
DENSEST = 60.0  # seconds between polls that are worth 1, at level 0
# Measured, see tests/benchmarks. With the default policy the worth of a poll falls to a half in
# twelve days; some hours around the end it is twice that of the first one.
FALL = 0.012 / DAY
END_WORTH, END_WIDTH = 2.0, 8 * 3600.0
NODE_GROWTH, NODE_MIN = 1.03, 60.0
BEFORE_END, AFTER_END = 48 * 3600.0, 4 * 3600.0
END_FLOOR, END_SHARE = 1800.0, 2 / 3  # between polls: least seconds, share of the time to the end


@dataclass(frozen=True, slots=True)
class Cadence:
    """Due polls by seconds since the beginning; the rate is constant between two nodes."""

    nodes: Sequence[float]
    counts: Sequence[float]
    rates: Sequence[float]

    def polls_at(self, seconds: float) -> float:
        """Return the count of due polls at that time."""
        if seconds <= 0:
            return 0.0
        place = bisect_right(self.nodes, seconds) - 1
        return self.counts[place] + (seconds - self.nodes[place]) * self.rates[place]

    def rate(self, seconds: float) -> float:
        """Return the due polls per second at that time."""
        return self.rates[bisect_right(self.nodes, seconds) - 1] if seconds >= 0 else 0.0


def is_poll_due(before: float, after: float, *, phase: float) -> bool:
    """Return whether a poll falls due between two counts, for a watch of this phase."""
    return math.floor(after + phase) > math.floor(before + phase)


@lru_cache(maxsize=512)
def by_age(poll_policy: PollPolicy, *, level: int, max_interval_seconds: float) -> Cadence:
    """Return the cadence from the start of a watch on; no pause exceeds `max_interval_seconds`."""
    lowered, rest = _lowered(poll_policy, level), 1.0 / max_interval_seconds
    return _of_poll_policy(poll_policy, lambda age: max(lowered(age), rest))


@lru_cache(maxsize=256)
def above_rest(poll_policy: PollPolicy, *, level: int, max_interval_seconds: float) -> Cadence:
    """Return the part of `by_age` above `resting`; the two add up to it."""
    lowered, rest = _lowered(poll_policy, level), 1.0 / max_interval_seconds
    return _of_poll_policy(poll_policy, lambda age: max(lowered(age) - rest, 0.0))


@lru_cache(maxsize=64)
def resting(poll_policy: PollPolicy, *, max_interval_seconds: float) -> Cadence:
    """Return one due poll each `max_interval_seconds`, at any level."""
    return _of_poll_policy(poll_policy, lambda _: 1.0 / max_interval_seconds)


@lru_cache(maxsize=256)
def around_end(*, level: int) -> Cadence:
    """Return the cadence from `BEFORE_END` seconds before the end until `AFTER_END` after it."""
    most = END_WORTH * _paid(level)

    def rate(since: float) -> float:
        distance = abs(since - BEFORE_END)
        wanted = 1.0 / max(END_SHARE * distance, END_FLOOR)
        return min(wanted, most * END_WIDTH / max(distance, END_WIDTH))

    return _cadence(rate, end=BEFORE_END + AFTER_END, growth=1.0, least=END_FLOOR / 2)


def policy_rate(poll_policy: PollPolicy, age: float) -> float:
    """Return the polls per second that a poll policy sets for an age."""
    step = min(
        max(poll_policy.share_permille / 1000 * age, poll_policy.floor_seconds),
        poll_policy.cap_seconds,
    )
    return 1.0 / step


def _lowered(poll_policy: PollPolicy, level: int) -> Callable[[float], float]:
    """Return the polls per second by age that a poll policy gets at a level."""
    fall = -FALL * math.log(poll_policy.cap_seconds / poll_policy.floor_seconds)
    paid = _paid(level)
    return lambda age: min(policy_rate(poll_policy, age), paid * math.exp(fall * age))


def _paid(level: int) -> float:
    """Return the most polls per second that a watch gets where a poll is worth 1."""
    if level == 0:
        return math.inf
    paid: float = 2.0 ** (-level / LEVELS_PER_HALF) / DENSEST
    return paid


def _of_poll_policy(poll_policy: PollPolicy, rate: Callable[[float], float]) -> Cadence:
    """Return a cadence whose nodes lie closely enough for each age, up to the horizon."""
    least = min(NODE_MIN, (NODE_GROWTH - 1) * _knee(poll_policy))
    return _cadence(rate, end=poll_policy.horizon_seconds, least=least)


def _knee(poll_policy: PollPolicy) -> float:
    """Return the age at which the interval rises above the floor."""
    return poll_policy.floor_seconds * 1000 / poll_policy.share_permille


def _cadence(
    rate: Callable[[float], float],
    *,
    end: float,
    growth: float = NODE_GROWTH,
    least: float,
) -> Cadence:
    """Return the cadence of a rate; after `end` no poll falls due."""
    nodes, counts, rates = [0.0], [0.0], []
    while nodes[-1] < end:
        here = nodes[-1]
        there = max(here * growth, here + least)
        rates.append(rate((here + there) / 2))
        nodes.append(there)
        counts.append(counts[-1] + (there - here) * rates[-1])
    return Cadence(nodes=nodes, counts=counts, rates=[*rates, 0.0])
