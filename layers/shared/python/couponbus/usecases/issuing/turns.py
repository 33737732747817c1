"""Waiting for one's turn at a provider, never longer than the invocation can afford."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from couponbus.domain.brake import Finding
from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import NoSlot, Reservation
from couponbus.domain.timing import Timing
from couponbus.ports.shared import Clock, RateLimiter

CALLS_PER_RESERVATION = 5


class Turns:
    """Slots of the pace that all workers share."""

    def __init__(
        self,
        *,
        limiter: RateLimiter,
        clock: Clock,
        accounts: Collection[str],
        timing: Timing,
    ) -> None:
        """Lease slots from this budget, for these accounts."""
        self._accounts = accounts
        self._limiter = limiter
        self._clock = clock
        self._timing = timing

    def take(
        self, account: str, *, calls: int, purpose: Purpose, items: int = 0
    ) -> Reservation | NoSlot:
        """Lease up to `calls` slots that start soon; an account nobody configured is busy.

        Raises LedgerUnavailable.
        """
        if account not in self._accounts:
            return NoSlot(until=self._clock.now().timestamp() + self._timing.backoff_cap)
        return self._limiter.reserve(
            account=account,
            calls=calls,
            within=self._timing.slot_wait,
            purpose=purpose,
            items=items,
        )

    def wait_for(self, reservation: Reservation, index: int) -> None:
        """Sleep until slot `index` of this lease."""
        left = reservation.slot(index) - self._clock.now().timestamp()
        if left > 0:
            self._clock.sleep(left)

    def report(
        self, reservation: Reservation, *, health: Health, retry_after: float | None
    ) -> None:
        """Say how a call went, so that all workers slow down or recover together."""
        self._limiter.report(reservation=reservation, health=health, retry_after=retry_after)

    def note(self, reservation: Reservation, *, finding: Finding) -> bool:
        """Say what an answer to a POST showed; returns whether the account is braked by it."""
        return self._limiter.note(reservation=reservation, finding=finding)

    def one_by_one(self, account: str, *, wanted: int) -> Iterator[Reservation | NoSlot]:
        """Yield a lease each time that its next slot has come; ends after Busy."""
        while wanted > 0:
            calls = min(wanted, CALLS_PER_RESERVATION)
            reservation = self.take(account, calls=calls, purpose=Purpose.QUESTION)
            if isinstance(reservation, NoSlot):
                yield reservation
                return
            for index in range(reservation.calls):
                self.wait_for(reservation, index)
                yield reservation
            wanted -= reservation.calls


def moment(seconds: float) -> datetime:
    """Return seconds since the epoch as a time in UTC."""
    return datetime.fromtimestamp(seconds, tz=UTC)
