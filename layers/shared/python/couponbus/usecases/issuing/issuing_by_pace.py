"""Hands due rows to the queue of sign-ups, each account at the pace of its rate limiter."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.errors import LedgerUnavailable, QueueUnavailable
from couponbus.domain.outbox.backlog import Backlog
from couponbus.domain.row import Row
from couponbus.domain.timing import Timing
from couponbus.events.commands import ContinueWork
from couponbus.ports.shared import Clock, Commands
from couponbus.usecases.issuing.issuing_share import CommandBatch, IssuingShare
from couponbus.usecases.store import Store, Stored

PURPOSES = {Backlog.ISSUING: Purpose.POST, Backlog.LOOKUPS: Purpose.GET}


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuingByPace:
    """The handover of one tick; rows beyond the share of their account stay due and unwritten."""

    store: Store
    commands: Commands
    share: IssuingShare
    clock: Clock
    timing: Timing
    _unstored: set[str] = field(default_factory=set, init=False)

    @property
    def broken(self) -> frozenset[str]:
        """The keys of rows that cannot be stored, and of paces that cannot be read."""
        return frozenset(self._unstored | self.share.broken)

    def has_room(self, backlog: Backlog) -> bool:
        """Whether more of a backlog may be handed over; without an answer of the ledger, no."""
        purpose = PURPOSES.get(backlog)
        try:
            return purpose is None or self.share.has_room(purpose)
        except LedgerUnavailable:
            return False

    def braked(self) -> int:
        """Return how many accounts are braked. Raises LedgerUnavailable."""
        return self.share.braked()

    def finish(self, backlog: Backlog) -> None:
        """Leave the rest of the share to the other backlog: this one was read to its end."""
        if backlog in PURPOSES:
            self.share.finish(PURPOSES[backlog])

    def hand_over(self, rows: Sequence[Row]) -> int:
        """Postpone the next sweep of each, then enqueue it: a lost message costs only time.

        What cannot be stored leaves its place to the next row. Returns how many were handed over.
        Raises LedgerUnavailable, QueueUnavailable.
        """
        handed_over, left = 0, rows
        while batches := self.share.batches(left):
            stored = self._hand_over(batches)
            handed_over += len(stored.written)
            if not stored.broken:
                break
            self._unstored.update(stored.broken)
            tried = [row for each in batches for row in each.rows]
            self.share.take_back([row for row in tried if row.key in stored.broken])
            keys = {row.key for row in tried}
            left = [row for row in left if row.key not in keys]
        return handed_over

    def _hand_over(self, batches: Sequence[CommandBatch]) -> Stored[Row]:
        rows = [row for each in batches for row in each.rows]
        stored = self.store.write(
            [row.handed_over(until=self._by(each)) for each in batches for row in each.rows]
        )
        keys = {row.key for row in stored.written}
        sent = [(tuple(row.key for row in one.rows if row.key in keys), one) for one in batches]
        try:
            self._send([(theirs, one) for theirs, one in sent if theirs])
        except QueueUnavailable:
            take_back(stored.written, rows, store=self.store, clock=self.clock)
            raise
        return stored

    def _send(self, sent: Sequence[tuple[tuple[str, ...], CommandBatch]]) -> None:
        if sent:
            self.commands.send(
                [ContinueWork(keys=keys) for keys, _ in sent],
                delays=[batch.after for _, batch in sent],
            )

    def _by(self, batch: CommandBatch) -> datetime:
        return self.clock.now() + timedelta(seconds=batch.after + self.timing.handover)


def take_back(written: Sequence[Row], before: Sequence[Row], *, store: Store, clock: Clock) -> None:
    """Make rows due again as they were; where that fails, they are swept after `handover`."""
    due_at = {row.key: row.due_at or clock.now() for row in before}
    with suppress(LedgerUnavailable):
        store.write([row.handed_over(until=due_at[row.key]) for row in written])
