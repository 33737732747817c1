"""The schedule of polls: its watermark, and the throttle level of each account."""

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
    """The level at which an account is polled from `since` on; see `cadence`.

    `past` has the earlier levels, each followed by the millisecond from which it applied.
    """

    provider: Provider
    account: str
    level: int
    since: datetime
    past: tuple[int, ...] = ()

    def changed(self, *, level: int, at: datetime) -> "Throttle":
        """Throttle at another level from then on, and remember the earlier ones."""
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
    """All polls that were due until `done_until`, the watermark, were enqueued."""

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
        """Return the throttle of an account, None if it never had one."""
        for one in self.throttles:
            if (one.provider, one.account) == (provider, account):
                return one
        return None

    def leased(self, *, until: datetime) -> Self:
        """Keep other ticks out until then."""
        return replace(self, lease_until=until)

    def advanced(self, *, to: datetime, throttles: tuple[Throttle, ...]) -> Self:
        """Advance the watermark, and let the next tick in."""
        return replace(self, done_until=to, throttles=throttles, lease_until=None)


SCHEDULE_KEY = f"SCHEDULE#{ID}"


def _millisecond(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
