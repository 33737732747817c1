"""Harmless questions to a provider, one per turn, until time or patience runs out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    GatewayAnswered,
    LedgerUnavailable,
    ProviderBusy,
    ProviderError,
)
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import NoSlot
from couponbus.ports.shared import Clock
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.issuing.turns import Turns
from couponbus.usecases.issuing.unusable_answers import usable_or_not
from couponbus.usecases.metrics import Metric

CALL_TIMEOUT = timedelta(seconds=10)
SAVE_MARGIN = timedelta(seconds=5)  # what was learned must be stored before the invocation ends


class _OfAccount(Protocol):
    @property
    def account(self) -> str: ...


class Lookups:
    """Asks at the pace that all workers share, and tells the others how it went."""

    def __init__(self, *, turns: Turns, clock: Clock) -> None:
        """Ask in these turns."""
        self._turns = turns
        self._clock = clock

    def ask[I, A](
        self,
        account: str,
        items: Sequence[I],
        question: Callable[[I, datetime], A],
        *,
        run: Invocation,
        room: timedelta = SAVE_MARGIN,
    ) -> Iterator[tuple[I, A]]:
        """Yield each item that got an answer, with it; stops when asking on is useless.

        `question` gets the item and the time by which it must be answered; `room` is what must
        be left of the invocation after the last answer.
        """
        reservations = self._turns.one_by_one(account, wanted=len(items))
        for item in items:
            try:
                reservation = next(reservations)
            except LedgerUnavailable as silent:
                run.broken.update(silent.broken)
                return
            if (
                isinstance(reservation, NoSlot)
                or self._clock.now() + CALL_TIMEOUT + room > run.deadline
            ):
                return
            run.count(Metric.LOOKUPS)
            try:
                answer = question(item, self._clock.now() + CALL_TIMEOUT)
            except ProviderError as error:
                health, retry_after = _health(error, run)
                self._turns.report(reservation, health=health, retry_after=retry_after)
                if health is not Health.GOOD:
                    return
                continue
            self._turns.report(reservation, health=Health.GOOD, retry_after=None)
            yield item, answer

    def is_answered(
        self, account: str, question: Callable[[datetime], object], *, run: Invocation
    ) -> bool:
        """Find out whether the account answers at all; False also if it may not be asked now.

        Whatever it says: it answers, unless what stands before it has answered in its place.
        """

        def asked(_: None, until: datetime) -> None:
            usable_or_not(lambda: question(until))

        return any(True for _ in self.ask(account, [None], asked, run=run))


def by_account[R: _OfAccount](rows: Iterable[R]) -> Iterator[tuple[str, list[R]]]:
    """Group rows by the account that must be asked about them."""
    groups: dict[str, list[R]] = {}
    for row in rows:
        groups.setdefault(row.account, []).append(row)
    yield from groups.items()


def _health(error: ProviderError, run: Invocation) -> tuple[Health, float | None]:
    """Return what a failed question says about the account, and count what needs a human."""
    if isinstance(error, ProviderBusy):
        return Health.THROTTLED, error.retry_after
    if isinstance(error, CredentialsRefused):
        run.count(Metric.UNAUTHORISED)
        return Health.UNAUTHORISED, None
    if isinstance(error, ContractBroken):
        run.count(Metric.CONTRACT_BROKEN)
        failing = isinstance(error, GatewayAnswered)
        return Health.FAILING if failing else Health.GOOD, None
    return Health.FAILING, None
