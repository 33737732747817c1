"""The call budget of an account, and the throttle level at which it suffices for all watches."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from couponbus.domain.polling.cadence import LEVELS
from couponbus.domain.polling.cohort import CohortSize
from couponbus.domain.polling.plan import expected_calls
from couponbus.domain.provider import Provider

DAY = 86_400.0
SHARE_FOR_DUE_POLLS = 0.85  # the rest is for first, last and confirming polls
MIN_DWELL = timedelta(hours=1)
HEADROOM = 0.9  # of the allowed rate: a lower level that takes more would soon be too low again


@dataclass(frozen=True, slots=True, kw_only=True)
class PollAccount:
    """The limits of an account: calls per second and per UTC day, None for no limit.

    No watch goes without a poll for longer than `max_interval_seconds`, if the budget allows two
    polls of each watch in this time.
    """

    provider: Provider
    name: str
    calls_per_second: float
    calls_per_day: int | None
    max_interval_seconds: float

    @property
    def key(self) -> tuple[Provider, str]:
        """The key by which it is found."""
        return self.provider, self.name


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


def allowed_rate(account: PollAccount, *, spent: int, now: datetime) -> float:
    """Return the calls per second that may be planned for the rest of the day.

    Calls saved in the morning are not spent in the evening: polls are worth most at an even rate.
    """
    by_pace = account.calls_per_second * SHARE_FOR_DUE_POLLS
    if account.calls_per_day is None:
        return by_pace
    left = DAY - now.timestamp() % DAY
    by_day = min(max(account.calls_per_day - spent, 0) / left, account.calls_per_day / DAY)
    return min(by_pace, by_day * SHARE_FOR_DUE_POLLS)


def throttled(
    account: PollAccount,
    sizes: Sequence[CohortSize],
    *,
    now: datetime,
    spent: int,
    level: int,
    since: datetime,
) -> Demand:
    """Return the demand at the next level: raised at once, lowered only if that will last."""
    allowed = allowed_rate(account, spent=spent, now=now)

    @cache
    def due(at_level: int) -> float:
        rest = account.max_interval_seconds
        return sum(
            expected_calls(one, at=now, level=at_level, max_interval_seconds=rest) for one in sizes
        )

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
