"""The pace of one account, shared by all workers: slots, a daily cap, two breakers, a brake.

Pure: a pace goes in, a pace and an answer come out; the adapter stores it with compare-and-swap.
All times are seconds since the epoch.
"""

import math
from dataclasses import dataclass, field, replace

from couponbus.domain.brake import Brake, BrakeLimits
from couponbus.domain.circuit_breaker import Breaker, Purpose, doubled
from couponbus.domain.health import Health

# Leaves room for the jitter between a slot and its call (docs/performance.md#rate-limiting).
SHARE_OF_LIMIT = 0.97
THROTTLED_PAUSE = 5.0  # doubled while all calls are throttled, when no other one is asked for
BRAKED_PAUSE = 60.0  # an operator may resume a braked account at any time
DAY = 86_400.0
ROUNDING = 1e-6  # of a slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an account allows; a day is one of UTC, and None is no limit."""

    calls_per_second: float
    calls_per_day: int | None = None
    brake: BrakeLimits = field(default_factory=BrakeLimits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`next_slot` is when the next call may be sent; `paused_until` is what the provider asked.

    A streak of failures opens the breaker of their purpose. So many `calls` have slots on the
    `day` (since the epoch) of the latest slot.
    """

    revision: int = 0
    next_slot: float = 0.0
    paused_until: float = 0.0
    day: int = 0
    calls: int = 0
    questions: Breaker = field(default_factory=Breaker)
    posts: Breaker = field(default_factory=Breaker)
    brake: Brake = field(default_factory=Brake)

    def calls_on(self, day: int) -> int:
        """Return how many calls have slots on a day, which is not before that of the latest."""
        return self.calls if day == self.day else 0

    def breaker(self, purpose: Purpose) -> Breaker:
        """Return the one that calls of this purpose go by."""
        return self.posts if purpose is Purpose.POST else self.questions

    def is_braked(self, purpose: Purpose) -> bool:
        """Whether calls of this purpose wait for an operator; questions never do."""
        return purpose is Purpose.POST and self.brake.is_held


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """So many calls, the first at `starts_at`, then one each `interval`.

    `troubled` calls report how they went even when all is well. `openings` are those of the
    breaker when the lease was taken: only the probe of an opening says anything about it.
    `healed_at` is when such a call went well for the last time after one had failed. While the
    account is `suspected`, an answer that is understood is news as well.
    """

    account: str
    purpose: Purpose = Purpose.QUESTION
    starts_at: float
    interval: float
    calls: int
    troubled: bool
    openings: int = 0
    healed_at: float = 0.0
    suspected: bool = False

    def slot(self, index: int) -> float:
        """Return when call number `index`, from 0, may be sent."""
        return self.starts_at + index * self.interval


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSlot:
    """No slot soon enough; asking again before `until` is useless.

    A `braked` account has none before an operator resumes it, whatever `until` says.
    """

    until: float
    braked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """From when on calls of a purpose may be sent; while `troubled`, one is enough to find out.

    Of a `braked` account nothing may be posted for an unknown time.
    """

    opens_at: float
    troubled: bool
    braked: bool = False


def outlook(pace: Pace, *, purpose: Purpose) -> Outlook:
    """Return what the planner of a tick must know; slots that are taken already do not count."""
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
    purpose: Purpose = Purpose.QUESTION,
    items: int = 0,
) -> tuple[Pace, Reservation] | NoSlot:
    """Take the next slots if the first one is at most `within` seconds away.

    While the breaker recovers, one call at a time is let through. All slots of a lease lie on
    one day, so there may be fewer than asked for. `items` are posted by it: one while it is
    troubled.
    """
    if pace.is_braked(purpose):
        return NoSlot(until=now + BRAKED_PAUSE, braked=True)
    breaker = pace.breaker(purpose)
    interval = 1.0 / (limits.calls_per_second * SHARE_OF_LIMIT)
    # Never before a slot that was given: a clock that jumped back finds no second day's calls.
    starts_at = max(now, pace.next_slot, pace.paused_until, breaker.closed_until)
    day = int(starts_at // DAY)
    midnight = (day + 1) * DAY
    left = calls if limits.calls_per_day is None else limits.calls_per_day - pace.calls_on(day)
    if left < 1:
        return NoSlot(until=midnight)
    if starts_at - now > within:
        # Not when the slot starts: a worker that came back only then would find it taken, for ever.
        return NoSlot(until=starts_at - within)
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


def _posted(breaker: Breaker, items: int) -> int:
    """Return how many items go out: who finds out whether a provider is well risks only one."""
    return 1 if breaker.is_troubled else items


def _slots(seconds: float, interval: float) -> int:
    """Return how many slots begin in so many seconds, the first one at once."""
    return max(math.ceil(seconds / interval - ROUNDING), 1)


def spent(pace: Pace, *, now: float) -> int:
    """Return how many calls were leased since midnight, those for tomorrow among them."""
    return pace.calls if pace.day >= int(now // DAY) else 0


def is_news(*, reservation: Reservation, health: Health) -> bool:
    """Whether an answer is worth asking for the pace: while all is well, none is."""
    return reservation.troubled or health is not Health.GOOD


def observed(
    pace: Pace, *, reservation: Reservation, health: Health, retry_after: float | None, now: float
) -> Pace:
    """Learn from the answer to a call; returns the same pace when there is nothing to store."""
    breaker = pace.breaker(reservation.purpose)
    asked = retry_after
    if asked is None and health is Health.THROTTLED:
        asked = doubled(THROTTLED_PAUSE, times=breaker.failures)
    learnt = pace
    if asked is not None and health is not Health.GOOD:
        learnt = replace(pace, paused_until=max(pace.paused_until, now + asked))
    # A call from before the breaker's last move says nothing about what happened since: fifty
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
    # The slots that were given away stay given away: `next_slot` is not touched.
    healed = _with(pace, purpose, breaker.healed(now=now))
    if breaker.is_open and purpose is Purpose.QUESTION:
        # It answers again: no need to wait before finding out whether it also takes a POST.
        return replace(healed, posts=pace.posts.at_once())
    return healed


def _with(pace: Pace, purpose: Purpose, breaker: Breaker) -> Pace:
    if purpose is Purpose.POST:
        return replace(pace, posts=breaker)
    return replace(pace, questions=breaker)
