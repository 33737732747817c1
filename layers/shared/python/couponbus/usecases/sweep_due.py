"""The guarantee behind every hint: whatever is due and was not done is brought up again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.errors import LedgerUnavailable, RowUnreadable
from couponbus.domain.row import Row
from couponbus.domain.timing import Timing
from couponbus.ports import Clock, Commands, Ledger
from couponbus.ports.webhooks import DeliveryQueue
from couponbus.usecases.handing_over import HandingOver, WorkQueue
from couponbus.usecases.publish_events import PublishEvents
from couponbus.usecases.store import Store

PAGE = 1000
MARGIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """What one tick did; `oldest` is how late the latest row was, in seconds.

    `failed` counts all rows for which the tick could do nothing, `unsent` those among them whose
    queue could not be written.
    """

    handed_over: int
    published: int
    failed: int
    unsent: Mapping[WorkQueue, int]
    oldest: float


class SweepDue:
    """Hands due rows to the queue and publishes what the stream has not; ticks may overlap."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        store: Store,
        publish_events: PublishEvents,
        commands: Commands,
        polls: Commands,
        redeliveries: DeliveryQueue,
        clock: Clock,
        timing: Timing,
    ) -> None:
        """Sweep this ledger; what is neither watch nor delivery goes to `commands`."""
        self._ledger = ledger
        self._store = store
        self._publish_events = publish_events
        self._commands = commands
        self._polls = polls
        self._redeliveries = redeliveries
        self._clock = clock
        self._timing = timing

    def handle(self, *, deadline: datetime) -> SweepReport:
        """Sweep page by page until nothing is due or time is short. Raises LedgerUnavailable."""
        handed_over = published = failed = 0
        oldest = 0.0
        seen: set[str] = set()
        handing_over = self._handing_over()
        while self._clock.now() + MARGIN < deadline:
            keys = self._due(seen)
            if not keys:
                break
            try:
                read = self._read(keys)
            except LedgerUnavailable:
                failed += len(keys)
                continue
            failed += len(keys) - len(read)
            rows = [row for row in read.values() if row is not None and self._is_due(row)]
            oldest = max([oldest, *(self._lateness(row) for row in rows)])
            report = self._publish_events.handle([row for row in rows if row.unpublished])
            published += report.published
            failed += len(report.failed)
            waiting = [row for row in rows if not row.unpublished]
            handed_over += handing_over.hand_over(waiting)
        unsent = {queue: handing_over.unsent[queue] for queue in WorkQueue}
        return SweepReport(
            handed_over=handed_over,
            published=published,
            failed=failed + sum(unsent.values()),
            unsent=unsent,
            oldest=oldest,
        )

    def _handing_over(self) -> HandingOver:
        return HandingOver(
            store=self._store,
            commands=self._commands,
            polls=self._polls,
            redeliveries=self._redeliveries,
            clock=self._clock,
            timing=self._timing,
        )

    def _due(self, seen: set[str]) -> list[str]:
        """Return the next keys of the index, which lags behind. Raises LedgerUnavailable."""
        now = self._clock.now()
        keys = [k for k in self._ledger.due(now=now, limit=PAGE + len(seen)) if k not in seen]
        seen.update(keys[:PAGE])
        return keys[:PAGE]

    def _read(self, keys: Sequence[str]) -> Mapping[str, Row | None]:
        """Return the rows, None where there is none; one that cannot be read is left out.

        It must not hold up the others: it waits for whoever reads the alarm. Raises
        LedgerUnavailable.
        """
        try:
            rows = self._ledger.read(keys)
        except RowUnreadable:
            if len(keys) == 1:
                return {}
            middle = len(keys) // 2
            return {**self._read(keys[:middle]), **self._read(keys[middle:])}
        return {key: rows.get(key) for key in keys}

    def _is_due(self, row: Row) -> bool:
        return row.due_at is not None and row.due_at <= self._clock.now()

    def _lateness(self, row: Row) -> float:
        """Count from when somebody could act: handing over puts only `due_at` off."""
        since = row.ready_at or row.due_at or self._clock.now()
        return (self._clock.now() - since).total_seconds()
