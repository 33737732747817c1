"""The mark of the last restore of the table, cached in the process for some seconds."""

from datetime import datetime, timedelta

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.restore import RESTORE_KEY, Restore
from couponbus.ports.shared import Clock, Ledger

MARK_FRESH_FOR = timedelta(seconds=10)


class LastRestore:
    """The cached mark: one read in ten seconds, as workers are stopped for longer in a restore."""

    def __init__(self, *, ledger: Ledger, clock: Clock) -> None:
        """Read the mark from this ledger."""
        self._ledger = ledger
        self._clock = clock
        self._read_at: datetime | None = None
        self._restore: Restore | None = None

    def current(self) -> Restore | None:
        """Return the mark, None for a table that was never restored.

        Raises LedgerUnavailable also for a mark that cannot be read: what it says of the past
        must be known before anything is sent.
        """
        now = self._clock.now()
        if self._read_at is None or now - self._read_at >= MARK_FRESH_FOR:
            rows = self._ledger.read([RESTORE_KEY])
            if rows.broken:
                text = "the mark of a restore is unreadable"
                raise LedgerUnavailable(text, code="restore:unreadable", broken=rows.broken)
            row = rows.get(RESTORE_KEY)
            self._restore = row if isinstance(row, Restore) else None
            self._read_at = now
        return self._restore

    def may_have_forgotten(self, issuance: Issuance) -> bool:
        """Whether it must be looked up before it is sent. Raises LedgerUnavailable."""
        restore = self.current()
        return restore is not None and restore.may_have_forgotten(issuance)
