"""The throttle level at which the call budget of an account suffices for all its watches."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from couponbus.domain.polling.budget import PollAccount, allowed_rate
from couponbus.domain.polling.cadence import LEVELS
from couponbus.domain.polling.cohort import GroupSizes
from couponbus.domain.polling.group_plan import ExpectedCalls

MIN_DWELL = timedelta(hours=1)
HEADROOM = 0.9  # of the allowed rate: a lower level that takes more would soon be too low again


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What due polls take, in calls per second: `wanted` unthrottled, `due` at the level."""

    level: int
    wanted: float
    due: float
    allowed: float

    @property
    def is_throttled(self) -> bool:
        """Whether more is due than the budget allows."""
        return self.level > 0

    @property
    def rest_is_kept(self) -> bool:
        """Whether each watch is still polled within `max_interval_seconds`."""
        return self.due <= self.allowed


def throttled(
    account: PollAccount,
    groups: Sequence[GroupSizes],
    *,
    now: datetime,
    spent: int,
    level: int,
    since: datetime,
) -> Demand:
    """Return the demand at the next level: raised at once, lowered only if that will last."""
    allowed, at = allowed_rate(account, spent=spent, now=now), now.timestamp()
    rest = account.max_interval_seconds
    expected = [ExpectedCalls(one, at=at, max_interval_seconds=rest) for one in groups]

    @cache
    def due(at_level: int) -> float:
        return sum(one.at_level(at_level) for one in expected)

    with_headroom = allowed * HEADROOM
    if due(level) > allowed:
        chosen = _first_level(due, allowed, low=level, high=LEVELS)
    elif level > 0 and now - since >= MIN_DWELL and due(level - 1) <= with_headroom:
        chosen = _first_level(due, with_headroom, low=0, high=level - 1)
    else:
        chosen = level
    return Demand(level=chosen, wanted=due(0), due=due(chosen), allowed=allowed)


def _first_level(due: Callable[[int], float], allowed: float, *, low: int, high: int) -> int:
    """Return the lowest of these levels that is allowed, or the highest of them."""
    levels = range(low, high)
    return low + bisect_left(levels, True, key=lambda level: due(level) <= allowed)
