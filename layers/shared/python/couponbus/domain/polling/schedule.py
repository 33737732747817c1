"""How far the schedule of polls has come, and how much it holds back for whom."""

from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row

ID = "polls"


REMEMBERED = 64  # levels before the present one
MINUTE = 60_000  # milliseconds


@dataclass(frozen=True, slots=True)
class ThrottlePeriod:
    """A level, and since when; in minutes since the epoch."""

    level: int
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """The level at which an account is polled since then; see `cadence`.

    `past` has the levels before, each followed by the millisecond since which it held.
    """

    provider: Provider
    account: str
    level: int
    since: datetime
    past: tuple[int, ...] = ()

    def changed(self, *, level: int, at: datetime) -> "Throttle":
        """Hold back at another level from then on, and remember what went before."""
        past = (*self.past, self.level, _millisecond(self.since))
        return Throttle(
            provider=self.provider,
            account=self.account,
            level=level,
            since=at,
            past=past[-2 * REMEMBERED :],
        )

    def course(self) -> list[ThrottlePeriod]:
        """Return all levels that are remembered, the present one last."""
        before = batched(self.past, 2, strict=True)
        return [
            *(ThrottlePeriod(level, since / MINUTE) for level, since in before),
            ThrottlePeriod(self.level, _millisecond(self.since) / MINUTE),
        ]


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class PollSchedule(Row):
    """Whoever had a turn until `done_until` was sent to a poller."""

    schedule_id: str = ID
    done_until: datetime
    lease_until: datetime | None = None
    throttles: tuple[Throttle, ...] = ()

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return f"SCHEDULE#{self.schedule_id}"

    def is_held(self, now: datetime) -> bool:
        """Whether another tick is under way."""
        return self.lease_until is not None and now < self.lease_until

    def throttle(self, provider: Provider, account: str) -> Throttle | None:
        """Return how an account is held back, None if it never was."""
        for one in self.throttles:
            if (one.provider, one.account) == (provider, account):
                return one
        return None

    def leased(self, *, until: datetime) -> Self:
        """Keep other ticks out until then."""
        return replace(self, lease_until=until)

    def advanced(self, *, to: datetime, throttles: tuple[Throttle, ...]) -> Self:
        """Note how far everything was sent, and let the next tick in."""
        return replace(self, done_until=to, throttles=throttles, lease_until=None)


SCHEDULE_KEY = f"SCHEDULE#{ID}"


def _millisecond(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
