"""Calls to a provider under the shared rate limiter, within the deadline of an invocation."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    GatewayAnswered,
    LedgerUnavailable,
    ProviderBusy,
    ProviderError,
)
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import NoSlot, Obstacle, Reservation
from couponbus.domain.timing import Timing
from couponbus.ports.shared import Clock, RateLimiter
from couponbus.usecases.causes import cause_of
from couponbus.usecases.invocation import Invocation, Metric

CALLS_PER_RESERVATION = 5
CALL_TIMEOUT = timedelta(seconds=10)
SAVE_MARGIN = timedelta(seconds=5)  # answers must be stored before the invocation ends
# A provider that asks to wait has not failed.
_FAILED = frozenset(Health) - {Health.GOOD, Health.THROTTLED}


class _OfAccount(Protocol):
    @property
    def account(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitedCalls:
    """Reserves slots, waits for them, calls, and reports the outcomes to the rate limiter."""

    limiter: RateLimiter
    clock: Clock
    accounts: Collection[str]
    timing: Timing

    def reserve(
        self, account: str, *, calls: int, purpose: Purpose, items: int = 0
    ) -> Reservation | NoSlot:
        """Reserve up to `calls` slots that start soon; an account that is not configured has none.

        Raises LedgerUnavailable.
        """
        if account not in self.accounts:
            until = self.clock.now().timestamp() + self.timing.backoff_cap
            return NoSlot(until=until, why=Obstacle.ACCOUNT)
        return self.limiter.reserve(
            account=account,
            calls=calls,
            within=self.timing.slot_wait,
            purpose=purpose,
            items=items,
        )

    def wait_for(self, reservation: Reservation, index: int) -> None:
        """Sleep until slot `index` of this reservation."""
        left = reservation.slot(index) - self.clock.now().timestamp()
        if left > 0:
            self.clock.sleep(left)

    def call_each[I, A](
        self,
        account: str,
        items: Sequence[I],
        call: Callable[[I, datetime], A],
        *,
        run: Invocation,
        room: timedelta = SAVE_MARGIN,
    ) -> Iterator[tuple[I, A]]:
        """Yield each item that was answered, with its answer; stop when more calls are useless.

        `call` gets the item and the deadline of its call; `room` is what must be left of the
        invocation after the last answer.
        """
        left = list(reversed(items))
        run.failed_look_ups.pop(account, None)

        def reserve(calls: int) -> Reservation | NoSlot:
            most = min(calls, CALLS_PER_RESERVATION)
            return self.reserve(account, calls=most, purpose=Purpose.GET)

        for reservation in reservations(reserve, left=left.__len__, run=run):
            for index in range(reservation.calls):
                self.wait_for(reservation, index)
                if self.clock.now() + CALL_TIMEOUT + room > run.deadline:
                    return
                item = left.pop()
                run.count(Metric.LOOKUPS)
                try:
                    answer = call(item, self.clock.now() + CALL_TIMEOUT)
                except ProviderError as error:
                    if self._report_failure(reservation, error, run=run) is not Health.GOOD:
                        return
                else:
                    self.limiter.report(
                        reservation=reservation, health=Health.GOOD, retry_after=None
                    )
                    yield item, answer

    def is_answered(
        self, account: str, call: Callable[[datetime], object], *, run: Invocation
    ) -> bool:
        """Find out whether the account answers at all; False also if no call is allowed now.

        An answer that cannot be used counts too, unless a gateway gave it in the provider's place.
        """

        def answer(_: None, until: datetime) -> None:
            usable_or_not(lambda: call(until))

        return any(True for _ in self.call_each(account, [None], answer, run=run))

    def _report_failure(
        self, reservation: Reservation, error: ProviderError, *, run: Invocation
    ) -> Health:
        """Report what a failed call says about the account; count what needs an operator."""
        health, retry_after = Health.FAILING, None
        match error:
            case ProviderBusy():
                health, retry_after = Health.THROTTLED, error.retry_after
            case CredentialsRefused():
                run.count(Metric.UNAUTHORISED)
                health = Health.UNAUTHORISED
            case ContractBroken():
                run.count(Metric.CONTRACT_BROKEN)
                health = Health.FAILING if isinstance(error, GatewayAnswered) else Health.GOOD
        self.limiter.report(reservation=reservation, health=health, retry_after=retry_after)
        if health in _FAILED:
            run.failed_look_ups[reservation.account] = error.reason
        return health


def reservations(
    reserve: Callable[[int], Reservation | NoSlot],
    *,
    left: Callable[[], int],
    run: Invocation,
) -> Iterator[Reservation]:
    """Yield reservations for the calls that are `left`, until no slot comes soon."""
    while calls := left():
        try:
            reservation = reserve(calls)
        except LedgerUnavailable as error:
            run.broken.update(error.broken)
            run.undone[cause_of(error)] += calls
            return
        count_breaker(reservation, run=run)
        if isinstance(reservation, NoSlot):
            return
        yield reservation


def count_breaker(answer: Reservation | NoSlot, *, run: Invocation) -> None:
    """Count a lease that an open breaker refused, or let through as its probe."""
    if isinstance(answer, NoSlot):
        run.count(Metric.BREAKER_OPEN, int(answer.why is Obstacle.BREAKER))
    else:
        run.count(Metric.BREAKER_OPEN, int(answer.is_probe))


def usable_or_not[A](call: Callable[[], A]) -> A | ContractBroken:
    """Call; return the error of an unusable answer, which does not concern other items.

    Raises ProviderError, also GatewayAnswered: that concerns the whole account.
    """
    try:
        return call()
    except GatewayAnswered:
        raise
    except ContractBroken as broken:
        return broken


def by_account[R: _OfAccount](rows: Iterable[R]) -> Iterator[tuple[str, list[R]]]:
    """Group rows by the account that must be called for them."""
    groups: dict[str, list[R]] = {}
    for row in rows:
        groups.setdefault(row.account, []).append(row)
    yield from groups.items()


def moment(seconds: float) -> datetime:
    """Return seconds since the epoch as a time in UTC."""
    return datetime.fromtimestamp(seconds, tz=UTC)
