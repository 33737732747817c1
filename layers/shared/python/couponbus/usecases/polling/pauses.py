"""Accounts and promotions that are not polled until an operator resumes them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.polling.pause import Pause, broken_pause, pause_id_of, pause_key
from couponbus.domain.provider import Provider
from couponbus.ports.shared import Clock
from couponbus.usecases.store import CONFLICT_TRIES, Store

PAUSES_FRESH_FOR = timedelta(seconds=30)

type Account = tuple[Provider, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pausing:
    """Caches the pauses, for up to half a minute, and adds to them."""

    store: Store
    clock: Clock
    known: dict[Account, tuple[datetime, Pause]] = field(default_factory=dict, init=False)

    def of(self, provider: Provider, account: str) -> Pause:
        """Return the pause of an account; all of it is paused while its row is broken.

        Raises LedgerUnavailable.
        """
        now = self.clock.now()
        known = self.known.get((provider, account))
        if known is not None and now - known[0] < PAUSES_FRESH_FOR:
            return known[1]
        return self._remember(provider, account, self._read(provider, account))

    def pause_account(self, provider: Provider, account: str, *, reason: str) -> None:
        """Pause the account; if that cannot be stored, the next refusal tries again."""
        self._change(provider, account, promotion=None, reason=reason)

    def pause_promotion(self, provider: Provider, account: str, promotion: str) -> None:
        """Pause the polls of this promotion."""
        self._change(provider, account, promotion=promotion, reason="")

    def _change(
        self, provider: Provider, account: str, *, promotion: str | None, reason: str
    ) -> None:
        now = self.clock.now()
        try:
            for _ in range(CONFLICT_TRIES):
                pause = self._read(provider, account)
                if pause.reason is not None or pause.holds(promotion):
                    break
                wanted = (
                    pause.of_all(reason=reason, now=now)
                    if promotion is None
                    else pause.of_promotion(promotion, now=now)
                )
                if self.store.put(wanted):
                    break
            self._remember(provider, account, self._read(provider, account))
        except (LedgerUnavailable, RowsBroken):
            return

    def _read(self, provider: Provider, account: str) -> Pause:
        key = pause_key(provider, account)
        rows = self.store.read([key])
        row = rows.readable(key)
        if isinstance(row, Pause):
            return row
        if rows.broken:
            return broken_pause(provider, account)
        return Pause(pause_id=pause_id_of(provider, account))

    def _remember(self, provider: Provider, account: str, pause: Pause) -> Pause:
        self.known[(provider, account)] = (self.clock.now(), pause)
        return pause
