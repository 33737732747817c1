"""The row that wakes the parked deliveries of an endpoint: one due row, however many they are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.row import Row

NEXT_TICK = timedelta(seconds=50)  # the sweeper comes each minute, not to the second
LONGEST_PAUSE = timedelta(hours=1)
CHECKS = 10  # empty ones in a row, the last more than four hours after the first
NARROWEST, WIDEST = 5, 3000  # deliveries woken by one check


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Parking(Row):
    """It is due while anything may be parked; `checks` counts those in a row that found nothing.

    `last` is the last delivery that was woken, `width` how many of them at once: twice as many
    each time that all of them were tried.
    """

    parking_id: str
    checks: int = 0
    width: int = NARROWEST
    last: str | None = None
    woken_at: datetime | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return parking_key(self.parking_id)

    @property
    def endpoint_id(self) -> str:
        """The endpoint that the deliveries are for."""
        return self.parking_id

    def expects(self, at: datetime) -> bool:
        """Whether what is parked until then is seen in time, even if the index lags behind."""
        return self.checks == 0 and self.due_at is not None and self.due_at <= at + NEXT_TICK

    def expecting(self, at: datetime) -> Self:
        """Check at `at` at the latest."""
        due_at = at if self.due_at is None else min(at, self.due_at)
        return replace(self, checks=0, due_at=due_at)

    def resting(self, *, until: datetime) -> Self:
        """Check again at `until`, and wake nothing before."""
        return replace(self, checks=0, due_at=until)

    def checking_again(self, *, now: datetime) -> Self:
        """Check in the next tick: the index may not show yet what was parked just now."""
        return replace(self, checks=1, due_at=now + NEXT_TICK)

    def woke(self, *, last: str, width: int, now: datetime) -> Self:
        """Note what was woken, and check again in the next tick."""
        return replace(self, checks=0, last=last, width=width, woken_at=now, due_at=now + NEXT_TICK)

    def found_nothing(self, *, now: datetime) -> Self:
        """Check again, each time later; after CHECKS no more, until something is parked."""
        checks = self.checks + 1
        pause = min(NEXT_TICK * 2.0**self.checks, LONGEST_PAUSE)
        due_at = None if checks >= CHECKS else now + pause
        return replace(self, checks=checks, width=NARROWEST, last=None, due_at=due_at)


def parking_key(endpoint_id: str) -> str:
    """Return where the ledger keeps what wakes the deliveries of an endpoint."""
    return f"PARKING#{endpoint_id}"
