"""Writing rows when answers get lost: repeat, and recognise what was one's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.row import Row
from couponbus.ports import Clock, Conflict, Ids, Ledger

TRIES = 3
PAUSE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a write came to: each row is in exactly one of the two."""

    written: Sequence[Row]
    conflicts: Sequence[Conflict]


class Store:
    """The ledger, with a fresh write id for each row and patience for lost answers."""

    def __init__(self, *, ledger: Ledger, ids: Ids, clock: Clock) -> None:
        """Write to this ledger."""
        self._ledger = ledger
        self._ids = ids
        self._clock = clock

    def write(self, rows: Sequence[Row]) -> Stored:
        """Write each row as the next revision of itself.

        Raises LedgerUnavailable when it is still unknown after several tries what is stored.
        """
        if not rows:
            return Stored(written=(), conflicts=())
        write_id = self._ids.new()
        revisions = [row.written(write_id) for row in rows]
        foreign = [c for c in self._write(revisions) if not self._is_own(c)]
        lost = {conflict.attempted.key for conflict in foreign}
        written = [row for row in revisions if row.key not in lost]
        return Stored(written=written, conflicts=foreign)

    def _write(self, revisions: Sequence[Row]) -> Sequence[Conflict]:
        for attempt in range(1, TRIES):
            try:
                return self._ledger.write(revisions)
            except LedgerUnavailable:
                self._clock.sleep(PAUSE * attempt)
        return self._ledger.write(revisions)

    def _is_own(self, conflict: Conflict) -> bool:
        """Say whether the stored row is the one that an unanswered try has left."""
        stored = conflict.stored
        return (
            stored is not None
            and stored.revision == conflict.attempted.revision
            and stored.write_id == conflict.attempted.write_id
        )
