"""Publishes decided rows as events on the bus, at least once, with the same id every time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched

from couponbus.domain.errors import BusUnavailable, LedgerUnavailable
from couponbus.domain.row import Row
from couponbus.events.base import PublishedEvent
from couponbus.ports.shared import Bus, Clock
from couponbus.usecases.causes import NOT_TAKEN, Cause, Failures, all_for, cause_of
from couponbus.usecases.publishing.event_mapping import announcement
from couponbus.usecases.store import Store
from couponbus.usecases.traces import Traced, Traces, trace_of

BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """Which rows' events the bus has taken, and why it has not taken the others, by their keys.

    `bugs` has the types of unexpected errors, `broken` the keys of rows whose event is published
    and which cannot be marked so: the sweeper publishes it again and again. `unmarked` counts those
    that the ledger took no mark of, by why: they are published again until it does.
    """

    published: int
    causes: Mapping[str, Cause]
    bugs: Sequence[str] = ()
    broken: frozenset[str] = frozenset()
    unmarked: Mapping[Cause, int] = field(default_factory=dict)
    traces: Traces = field(default_factory=Traces)

    @property
    def failed(self) -> list[str]:
        """The keys of the rows whose event the bus has not taken."""
        return [*self.causes]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishEvents:
    """Publishes what the ledger has decided; the ledger row is the outbox."""

    store: Store
    bus: Bus
    clock: Clock

    def handle(self, rows: Sequence[Row]) -> PublishReport:
        """Publish the outcome of each row that the bus has not seen, and mark the row."""
        latest = {row.key: row for row in rows if row.unpublished}
        progress = _Progress()
        for chunk in batched(latest.values(), BATCH, strict=False):
            self._mark(self._published(chunk, progress), progress)
        return progress.report(latest)

    def publish(self, rows: Sequence[Row]) -> PublishReport:
        """Publish the outcome of each row, and mark none: another row says that it is owed."""
        progress = _Progress()
        self._published(rows, progress)
        return progress.report({row.key: row for row in rows})

    def _published(self, rows: Sequence[Row], progress: "_Progress") -> Sequence[Row]:
        """Return those that the bus has taken."""
        announced = [
            (row, event) for row in rows if (event := _announced(row, progress)) is not None
        ]
        if not announced:
            return []
        try:
            refused = set(self.bus.publish([event for _, event in announced]))
        except BusUnavailable as error:
            progress.failed |= all_for(cause_of(error), (row.key for row, _ in announced))
            return []
        left = (row.key for index, (row, _) in enumerate(announced) if index in refused)
        progress.failed |= all_for(NOT_TAKEN, left)
        return [row for index, (row, _) in enumerate(announced) if index not in refused]

    def _mark(self, rows: Sequence[Row], progress: "_Progress") -> None:
        """Mark what was published; a row that is not marked is published again, same id."""
        if not rows:
            return
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
        except LedgerUnavailable as error:
            progress.unmarked[cause_of(error)] += len(rows)


@dataclass(slots=True)
class _Progress:
    """What failed so far by key, unexpected errors, and what could not be marked."""

    failed: Failures = field(default_factory=dict)
    bugs: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    unmarked: Counter[Cause] = field(default_factory=Counter)

    def report(self, rows: Mapping[str, Row]) -> PublishReport:
        """Return what became of these rows."""
        traces = Traces()
        for key, row in rows.items():
            what = Traced.FAILED if key in self.failed else Traced.PUBLISHED
            traces.add(what, trace_of(row), key=key)
        return PublishReport(
            published=len(rows) - len(self.failed),
            causes=self.failed,
            bugs=self.bugs,
            broken=frozenset(self.broken),
            unmarked=self.unmarked,
            traces=traces,
        )


def _announced(row: Row, progress: _Progress) -> PublishedEvent | None:
    """Return the event of a row; after an unexpected error None, so that the row fails alone."""
    try:
        return announcement(row)
    except Exception as bug:
        progress.failed[row.key] = cause_of(bug)
        progress.bugs.append(type(bug).__name__)
        return None
