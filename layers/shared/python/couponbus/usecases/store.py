"""Ledger writes that survive lost answers: they are retried, and recognised by their write id."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.row import Row, Rows
from couponbus.ports.shared import Clock, Conflict, Ids, Ledger

WRITE_TRIES = 3  # of one write whose answer is lost
CONFLICT_TRIES = 3  # of a change that is made again over a newer row
PAUSE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored[R: Row]:
    """The result of a write: each row is in exactly one of the three, a broken one by its key."""

    written: Sequence[R]
    conflicts: Sequence[Conflict]
    broken: frozenset[str] = frozenset()

    def unstored_of[O: Row](self, rows: Iterable[O]) -> list[O]:
        """Return those of the rows that are broken."""
        return [row for row in rows if row.key in self.broken] if self.broken else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The ledger, with a fresh write id for each write and retries after lost answers."""

    ledger: Ledger
    ids: Ids
    clock: Clock

    def write[R: Row](self, rows: Sequence[R]) -> Stored[R]:
        """Write each row as the next revision of itself.

        Raises LedgerUnavailable when it is still unknown after several tries what is stored.
        """
        if not rows:
            return Stored(written=(), conflicts=())
        write_id = self.ids.new()
        revisions = [row.written(write_id) for row in rows]
        conflicts, broken = self._written(revisions)
        foreign = [conflict for conflict in conflicts if not self._is_own(conflict)]
        if not broken and not foreign:
            return Stored(written=revisions, conflicts=foreign)
        unstored = broken.union(conflict.attempted.key for conflict in foreign)
        written = [row for row in revisions if row.key not in unstored]
        return Stored(written=written, conflicts=foreign, broken=broken)

    def put(self, row: Row) -> bool:
        """Write one row; returns whether it is stored, False if another writer was faster.

        Raises RowsBroken when it cannot be stored, LedgerUnavailable.
        """
        stored = self.write([row])
        if stored.broken:
            raise RowsBroken(stored.broken)
        return not stored.conflicts

    def write_together[R: Row](self, rows: Sequence[R]) -> Stored[R]:
        """Write all of these rows, each as the next revision of itself, or none of them.

        Raises RowsBroken when none of them can be stored because some cannot, LedgerUnavailable
        when it is still unknown after several tries whether they are stored.
        """
        write_id = self.ids.new()
        revisions = [row.written(write_id) for row in rows]
        conflicts = self._with_retries(self.ledger.write_together, revisions)
        # One row with our write id proves that all were stored; others may have changed since.
        if not conflicts or any(self._is_own(conflict) for conflict in conflicts):
            return Stored(written=revisions, conflicts=())
        return Stored(written=(), conflicts=conflicts)

    def make_due(self, rows: Sequence[Row], *, until: datetime) -> frozenset[str]:
        """Make those due at `until` that the sweeper has postponed for longer.

        It postpones what it hands over until the message may be taken for lost. A row that cannot
        be changed here is due then. Returns the keys of those that cannot be stored.
        """
        put_off = [row for row in rows if row.revision and row.due_at and row.due_at > until]
        try:
            return self.write([row.handed_over(until=until) for row in put_off]).broken
        except LedgerUnavailable:
            return frozenset()

    def read(self, keys: Sequence[str]) -> Rows:
        """Return the rows that exist, as of now, and which are broken. Raises LedgerUnavailable."""
        return self.ledger.read(keys) if keys else Rows({})

    def _written(self, revisions: Sequence[Row]) -> tuple[Sequence[Conflict], frozenset[str]]:
        """Return the conflicts, and the keys of the rows that cannot be stored."""
        try:
            return self._with_retries(self.ledger.write, revisions), frozenset()
        except RowsBroken as error:
            sound = [row for row in revisions if row.key not in error.keys]
            if len(sound) == len(revisions):
                raise
            # The sound ones are stored or in conflict: the repeated write says which.
            conflicts, broken = self._written(sound)
            return conflicts, broken | error.keys

    def _with_retries(
        self,
        write: Callable[[Sequence[Row]], Sequence[Conflict]],
        revisions: Sequence[Row],
    ) -> Sequence[Conflict]:
        for attempt in range(1, WRITE_TRIES):
            try:
                return write(revisions)
            except LedgerUnavailable:
                self.clock.sleep(PAUSE * attempt)
        return write(revisions)

    def _is_own(self, conflict: Conflict) -> bool:
        """Whether the stored row was written by an earlier try whose answer was lost."""
        stored = conflict.stored
        return (
            stored is not None
            and stored.revision == conflict.attempted.revision
            and stored.write_id == conflict.attempted.write_id
        )
