"""The rate limiter in memory, with the same rules as the table's."""

from collections.abc import Callable, Mapping

from couponbus.domain import braking, rate_limit
from couponbus.domain.brake import BrakeLimits, Finding
from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import Limits, NoSlot, Outlook, Pace, Reservation
from couponbus.ports.shared import Clock

PLENTY = 1000.0
BRAKE = BrakeLimits()


class MemoryRateLimiter:
    """One pace for each account; an account without a given rate is practically unlimited.

    While it is `deaf`, slots are granted and no answer is stored.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        calls_per_second: Mapping[str, float],
        calls_per_day: Mapping[str, int] | None = None,
        brake: BrakeLimits = BRAKE,
    ) -> None:
        self._clock = clock
        self._calls_per_second = calls_per_second
        self._calls_per_day = calls_per_day or {}
        self._brake = brake
        self.paces: dict[str, Pace] = {}
        self.reports: list[tuple[str, Health, float | None]] = []
        self.failure: LedgerUnavailable | None = None
        self.deaf = False
        self._unreported = 0

    def reserve(
        self,
        *,
        account: str,
        calls: int,
        within: float,
        purpose: Purpose = Purpose.GET,
        items: int = 0,
        leaving: int = 0,
    ) -> Reservation | NoSlot:
        if self.failure is not None:
            raise self.failure
        granted = rate_limit.reserve(
            self.paces.get(account, Pace()),
            account=account,
            calls=calls,
            limits=self._limits(account).leaving(leaving),
            now=self._clock.now().timestamp(),
            within=within,
            purpose=purpose,
            items=items,
        )
        if isinstance(granted, NoSlot):
            return granted
        self.paces[account], reservation = granted
        return reservation

    def outlook(self, account: str, *, purpose: Purpose) -> Outlook:
        if self.failure is not None:
            raise self.failure
        return rate_limit.outlook(self.paces.get(account, Pace()), purpose=purpose)

    def report(
        self, *, reservation: Reservation, health: Health, retry_after: float | None
    ) -> None:
        self.reports.append((reservation.account, health, retry_after))
        if not rate_limit.is_news(reservation=reservation, health=health):
            return
        if self.deaf or self.failure is not None:
            self._unreported += 1
            return
        self.paces[reservation.account] = rate_limit.observed(
            self.paces[reservation.account],
            reservation=reservation,
            health=health,
            retry_after=retry_after,
            now=self._clock.now().timestamp(),
        )

    def note(self, *, reservation: Reservation, finding: Finding) -> bool:
        if not braking.is_worth_noting(reservation=reservation, finding=finding):
            return False
        if self.deaf or self.failure is not None:
            self._unreported += 1
            return False
        before = self.paces[reservation.account]
        after = braking.noted(
            before, finding=finding, limits=self._brake, now=self._clock.now().timestamp()
        )
        self.paces[reservation.account] = after
        return after.brake.is_held and not before.brake.is_held

    def take_unreported(self) -> int:
        unreported, self._unreported = self._unreported, 0
        return unreported

    def pace(self, account: str) -> Pace:
        if self.failure is not None:
            raise self.failure
        return self.paces.get(account, Pace())

    def change(self, account: str, change: Callable[[Pace], Pace]) -> Pace:
        self.paces[account] = change(self.pace(account))
        return self.paces[account]

    def spent(self, account: str) -> int:
        if self.failure is not None:
            raise self.failure
        pace = self.paces.get(account, Pace())
        return rate_limit.spent(pace, now=self._clock.now().timestamp())

    def _limits(self, account: str) -> Limits:
        return Limits(
            calls_per_second=self._calls_per_second.get(account, PLENTY),
            calls_per_day=self._calls_per_day.get(account),
            brake=self._brake,
        )
