"""Publishes decided rows as events on the bus, at least once, with the same id every time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from couponbus.domain.errors import BusUnavailable, LedgerUnavailable
from couponbus.domain.row import Row
from couponbus.events.base import PublishedEvent
from couponbus.ports.shared import Bus, Clock
from couponbus.usecases.outbox.event_mapping import announcement
from couponbus.usecases.store import Store

BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """How many events the bus has taken, and the keys of the rows whose event it has not.

    `bugs` has the types of unexpected errors, `broken` the keys of rows whose event is published
    and which cannot be marked so: the sweeper publishes it again and again.
    """

    published: int
    failed: Sequence[str]
    bugs: Sequence[str] = ()
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishEvents:
    """Publishes what the ledger has decided; the ledger row is the outbox."""

    store: Store
    bus: Bus
    clock: Clock

    def handle(self, rows: Sequence[Row]) -> PublishReport:
        """Publish the outcome of each row that the bus has not seen, and mark the row."""
        latest = {row.key: row for row in rows if row.unpublished}
        pending = list(latest.values())
        progress = _Progress()
        for start in range(0, len(pending), BATCH):
            self._publish(pending[start : start + BATCH], progress)
        return PublishReport(
            published=len(pending) - len(progress.failed),
            failed=progress.failed,
            bugs=progress.bugs,
            broken=frozenset(progress.broken),
        )

    def _publish(self, rows: Sequence[Row], progress: "_Progress") -> None:
        announced = [
            (row, event) for row in rows if (event := _announced(row, progress)) is not None
        ]
        if not announced:
            return
        try:
            refused = set(self.bus.publish([event for _, event in announced]))
        except BusUnavailable:
            progress.failed += [row.key for row, _ in announced]
            return
        taken = [row for index, (row, _) in enumerate(announced) if index not in refused]
        self._mark(taken, progress)
        progress.failed += [row.key for index, (row, _) in enumerate(announced) if index in refused]

    def _mark(self, rows: Sequence[Row], progress: "_Progress") -> None:
        """Mark what was published; a row that is not marked is published again, same id."""
        now = self.clock.now()
        try:
            stored = self.store.write([row.announced(now=now) for row in rows])
            progress.broken |= stored.broken
            moved = [
                conflict.stored.announced(now=now)
                for conflict in stored.conflicts
                if conflict.stored is not None
                and conflict.stored.unpublished
                and conflict.stored.outcomes == conflict.attempted.outcomes
            ]
            progress.broken |= self.store.write(moved).broken
        except LedgerUnavailable:
            return


@dataclass(slots=True)
class _Progress:
    """The keys that failed so far, unexpected errors, and the keys that cannot be stored."""

    failed: list[str] = field(default_factory=list)
    bugs: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)


def _announced(row: Row, progress: _Progress) -> PublishedEvent | None:
    """Return the event of a row; after an unexpected error None, so that the row fails alone."""
    try:
        return announcement(row)
    except Exception as bug:
        progress.failed.append(row.key)
        progress.bugs.append(type(bug).__name__)
        return None
