"""Rate limiter (GCRA) of one account, with a daily quota, two circuit breakers and a brake.

Pure: a state goes in, a state and an answer come out; the adapter stores the state, shared by all
workers, with compare-and-swap. All times are seconds since the epoch.
"""

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum

from couponbus.domain.brake import Brake, BrakeLimits
from couponbus.domain.circuit_breaker import Breaker, Purpose, doubled
from couponbus.domain.health import Health

# Leaves room for the jitter between a slot and its call (docs/performance.md#rate-limiting).
SHARE_OF_LIMIT = 0.97
THROTTLED_PAUSE = 5.0  # without a `retry_after`; doubled with each failure in a row
BRAKED_PAUSE = 60.0  # an operator may resume a braked account at any time
DAY = 86_400.0
ROUNDING = 1e-6  # of a slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of an account; days are in UTC, and None is no limit."""

    calls_per_second: float
    calls_per_day: int | None = None
    brake: BrakeLimits = field(default_factory=BrakeLimits)

    def leaving(self, calls: int) -> "Limits":
        """Return the limits for a caller that must leave this many calls of the day for others."""
        if self.calls_per_day is None:
            return self
        return replace(self, calls_per_day=self.calls_per_day - calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The stored state: `next_slot` is when the next call may be sent, `paused_until` ends a pause.

    A streak of failures opens the breaker of their purpose. `calls` counts the slots of `day`
    (in days since the epoch), the day of the latest slot.
    """

    revision: int = 0
    next_slot: float = 0.0
    paused_until: float = 0.0
    day: int = 0
    calls: int = 0
    gets: Breaker = field(default_factory=Breaker)
    posts: Breaker = field(default_factory=Breaker)
    brake: Brake = field(default_factory=Brake)

    def calls_on(self, day: int) -> int:
        """Return how many slots a day has, which must not precede that of the latest slot."""
        return self.calls if day == self.day else 0

    def breaker(self, purpose: Purpose) -> Breaker:
        """Return the circuit breaker for calls of this purpose."""
        return self.posts if purpose is Purpose.POST else self.gets

    def is_braked(self, purpose: Purpose) -> bool:
        """Whether calls of this purpose wait for an operator; only POSTs ever do."""
        return purpose is Purpose.POST and self.brake.is_held


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A lease of `calls` slots, the first at `starts_at`, then one each `interval`.

    `troubled` calls report successes too. `openings` are those of the breaker when the lease was
    taken: only the probe of an opening says anything about it. `healed_at` is the last success of
    this purpose after a failure. While the account is `suspected`, an answer that is understood
    is counted too.
    """

    account: str
    purpose: Purpose = Purpose.GET
    starts_at: float
    interval: float
    calls: int
    troubled: bool
    openings: int = 0
    healed_at: float = 0.0
    suspected: bool = False

    @property
    def is_probe(self) -> bool:
        """Whether the breaker is open, and lets this one call through."""
        return self.openings > 0

    def slot(self, index: int) -> float:
        """Return when call number `index`, from 0, may be sent."""
        return self.starts_at + index * self.interval


class Obstacle(StrEnum):
    """Why there is no slot, as a trail says it."""

    ACCOUNT = "account not configured"
    BRAKE = "account braked"  # until an operator resumes it, regardless of `until`
    BREAKER = "circuit breaker open"
    ASKED = "provider asked to wait"
    DAY = "calls of the day used up"
    SLOTS = "slots taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSlot:
    """No slot is soon enough; another try before `until` is useless."""

    until: float
    why: Obstacle


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """When calls of a purpose may be sent; while `troubled`, one is enough as a probe.

    A `braked` account may post nothing for an unknown time.
    """

    opens_at: float
    troubled: bool
    braked: bool = False


def outlook(pace: Pace, *, purpose: Purpose) -> Outlook:
    """Return the outlook for the planning of a tick; slots already taken do not count."""
    if pace.is_braked(purpose):
        return Outlook(opens_at=math.inf, troubled=True, braked=True)
    breaker = pace.breaker(purpose)
    return Outlook(
        opens_at=max(pace.paused_until, breaker.closed_until), troubled=breaker.is_troubled
    )


def reserve(
    pace: Pace,
    *,
    account: str,
    calls: int,
    limits: Limits,
    now: float,
    within: float,
    purpose: Purpose = Purpose.GET,
    items: int = 0,
) -> tuple[Pace, Reservation] | NoSlot:
    """Take the next slots if the first one is at most `within` seconds away.

    While the breaker is open, one call at a time is let through. All slots of a lease lie on one
    day, so there may be fewer than requested. `items` is how many they post: one while the breaker
    is troubled.
    """
    if pace.is_braked(purpose):
        return NoSlot(until=now + BRAKED_PAUSE, why=Obstacle.BRAKE)
    breaker = pace.breaker(purpose)
    interval = 1.0 / (limits.calls_per_second * SHARE_OF_LIMIT)
    # Never before a granted slot: a clock that jumps back must not get a day's calls again.
    starts_at = max(now, pace.next_slot, pace.paused_until, breaker.closed_until)
    day = int(starts_at // DAY)
    midnight = (day + 1) * DAY
    left = calls if limits.calls_per_day is None else limits.calls_per_day - pace.calls_on(day)
    if left < 1:
        return NoSlot(until=midnight, why=Obstacle.DAY)
    if starts_at - now > within:
        # Not when the slot starts: a worker that retries only then would always find it taken.
        why = _obstacle(pace, breaker, now=now, within=within)
        return NoSlot(until=starts_at - within, why=why)
    taken = 1 if breaker.is_open else min(calls, left, _slots(midnight - starts_at, interval))
    changed = replace(
        _with(pace, purpose, breaker.probed(at=starts_at) if breaker.is_open else breaker),
        revision=pace.revision + 1,
        next_slot=starts_at + taken * interval,
        day=day,
        calls=pace.calls_on(day) + taken,
        brake=pace.brake.posting(_posted(breaker, items), at=starts_at) if items else pace.brake,
    )
    return changed, Reservation(
        account=account,
        purpose=purpose,
        starts_at=starts_at,
        interval=interval,
        calls=taken,
        troubled=breaker.is_troubled,
        openings=breaker.openings,
        healed_at=breaker.healed_at,
        suspected=pace.brake.not_understood > 0,
    )


def _obstacle(pace: Pace, breaker: Breaker, *, now: float, within: float) -> Obstacle:
    """Return what alone keeps the next slot from being soon; trouble goes before other callers."""
    if breaker.closed_until - now > within:
        return Obstacle.BREAKER
    return Obstacle.ASKED if pace.paused_until - now > within else Obstacle.SLOTS


def _posted(breaker: Breaker, items: int) -> int:
    """Return how many items are posted: a probe risks only one."""
    return 1 if breaker.is_troubled else items


def _slots(seconds: float, interval: float) -> int:
    """Return how many slots begin within `seconds`, the first one at once."""
    return max(math.ceil(seconds / interval - ROUNDING), 1)


def spent(pace: Pace, *, now: float) -> int:
    """Return how many calls were leased since midnight, including those for tomorrow."""
    return pace.calls if pace.day >= int(now // DAY) else 0


def is_news(*, reservation: Reservation, health: Health) -> bool:
    """Whether an answer must be reported to the limiter; while all is well, none must."""
    return reservation.troubled or health is not Health.GOOD


def observed(
    pace: Pace, *, reservation: Reservation, health: Health, retry_after: float | None, now: float
) -> Pace:
    """Apply the answer to a call; returns the same pace when there is nothing to store."""
    breaker = pace.breaker(reservation.purpose)
    pause = retry_after
    if pause is None and health is Health.THROTTLED:
        pause = doubled(THROTTLED_PAUSE, times=breaker.failures)
    learnt = pace
    if pause is not None and health is not Health.GOOD:
        learnt = replace(pace, paused_until=max(pace.paused_until, now + pause))
    # A call leased before the breaker's last opening says nothing about the time since: fifty
    # calls that fail together open it once.
    if reservation.openings == breaker.openings:
        learnt = _judged(learnt, reservation.purpose, health=health, now=now)
    return pace if learnt == pace else replace(learnt, revision=pace.revision + 1)


def _judged(pace: Pace, purpose: Purpose, *, health: Health, now: float) -> Pace:
    breaker = pace.breaker(purpose)
    if health is Health.THROTTLED:
        return _with(pace, purpose, breaker.throttled(now=now))
    if health is not Health.GOOD:
        return _with(pace, purpose, breaker.failed(health, now=now))
    # Granted slots stay granted: `next_slot` is not touched.
    healed = _with(pace, purpose, breaker.healed(now=now))
    if breaker.is_open and purpose is Purpose.GET:
        # The provider answers GETs again: probe at once whether it also accepts a POST.
        return replace(healed, posts=pace.posts.at_once())
    return healed


def _with(pace: Pace, purpose: Purpose, breaker: Breaker) -> Pace:
    if purpose is Purpose.POST:
        return replace(pace, posts=breaker)
    return replace(pace, gets=breaker)
