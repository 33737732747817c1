"""The guarantee behind every hint: overdue rows are enqueued again, missed events published."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.account import Account
from couponbus.domain.issuing.issuing_batch import IssuingBatch
from couponbus.domain.outbox.backlog import Backlog
from couponbus.domain.row import Row
from couponbus.domain.timing import Timing
from couponbus.ports.shared import Clock, Commands, Ledger, RateLimiter
from couponbus.ports.webhooks import DeliveryQueue
from couponbus.usecases.causes import UNSTORABLE, Cause, cause_of
from couponbus.usecases.invocation import Metric
from couponbus.usecases.issuing.issuing_batches import IssuingBatches
from couponbus.usecases.issuing.issuing_by_pace import IssuingByPace
from couponbus.usecases.issuing.issuing_share import IssuingShare
from couponbus.usecases.outbox.attention_levels import COUNTED
from couponbus.usecases.outbox.hand_over import HandOver, WorkQueue
from couponbus.usecases.publishing.publish_events import PublishEvents, PublishReport
from couponbus.usecases.store import Store
from couponbus.usecases.traces import ByOutcome, Traces

PAGE = 1000
SWEEP_MARGIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """What one tick did; `oldest` is how late the most overdue row was, in seconds.

    It is None where not all could be read: what was not may be later.

    `failed` counts all rows for which the tick could do nothing, `unsent` those among them whose
    queue could not be written. `broken` has the keys of those that cannot be read or stored,
    `bugs` the types of unexpected errors. `causes` counts the reasons of what failed, `traces` has
    the trace ids of events by outcome. `levels` has what could be counted of what needs an
    operator: what waits for a braked account stays.
    """

    handed_over: int
    published: int
    failed: int
    unsent: Mapping[WorkQueue, int]
    oldest: float | None
    levels: Mapping[Metric, float]
    broken: frozenset[str] = frozenset()
    bugs: Sequence[str] = ()
    traces: ByOutcome = field(default_factory=dict)
    causes: Mapping[Cause, int] = field(default_factory=dict)


class SweepDue:
    """Hands due rows to their queues and publishes what is still owed; ticks may overlap.

    The next tick of the same process continues one that ran out of time: what waits for an
    account in trouble is left due, and would otherwise be all that is ever read.
    """

    def __init__(  # noqa: PLR0913 - each backlog has a way of its own
        self,
        *,
        ledger: Ledger,
        store: Store,
        publish_events: PublishEvents,
        batches: IssuingBatches,
        commands: Commands,
        polls: Commands,
        redeliveries: DeliveryQueue,
        limiter: RateLimiter,
        accounts: Mapping[str, Account],
        clock: Clock,
        timing: Timing,
    ) -> None:
        """Sweep this ledger; what is neither watch nor delivery goes to `commands`."""
        self._ledger = ledger
        self._store = store
        self._publish_events = publish_events
        self._batches = batches
        self._commands = commands
        self._polls = polls
        self._redeliveries = redeliveries
        self._limiter = limiter
        self._accounts = accounts
        self._clock = clock
        self._timing = timing
        self._left: Mapping[Backlog, str] = {}

    def handle(self, *, deadline: datetime) -> SweepReport:
        """Sweep a page of each backlog in turn until nothing is due or time is short.

        No failure ends the tick: what could not be done is counted, and due in the next.
        """
        issuing = self._issuing()
        tick = _Tick(deadline=deadline, handing_over=self._handing_over(issuing), issuing=issuing)
        # First, so that a long backlog cannot keep them from being counted.
        self._count_attention(tick)
        scans = [
            _BacklogScan(backlog, resumes_after=self._left.get(backlog)) for backlog in Backlog
        ]
        self._left = {}
        while scans:
            for scan in scans:
                if not self._has_time(tick):
                    self._left = {one.backlog: one.after for one in scans if one.after}
                    return tick.report()
                # The first page is read all the same: it shows for how long rows have waited.
                if not scan.has_begun or issuing.has_room(scan.backlog):
                    self._sweep_page(scan, tick)
            for scan in scans:
                if scan.is_over:
                    issuing.finish(scan.backlog)
            scans = [scan for scan in scans if not scan.is_over]
            if not any(issuing.has_room(scan.backlog) for scan in scans):
                break
        return tick.report()

    def _count_attention(self, tick: "_Tick") -> None:
        for level, count in COUNTED.items():
            tick.measure(level, partial(count, self._ledger))

    def _sweep_page(self, scan: "_BacklogScan", tick: "_Tick") -> None:
        try:
            page = self._ledger.due(
                backlog=scan.backlog, now=self._clock.now(), limit=PAGE, after=scan.after
            )
        except LedgerUnavailable as error:
            scan.is_over = True
            tick.fail_to_read(1, cause_of(error))
            return
        begin = scan.after
        scan.read_to(page.after)
        try:
            read = self._store.read(page.keys)
        except LedgerUnavailable as error:
            tick.fail_to_read(len(page.keys), cause_of(error))
            return
        tick.broken |= read.broken
        self._sweep([row for row in read.values() if self._is_due(row)], tick)
        if not tick.issuing.has_room(scan.backlog):
            # The rest of the page may be handed over once the other backlog is at its end.
            scan.after, scan.is_over = begin, False

    def _sweep(self, rows: Sequence[Row], tick: "_Tick") -> None:
        tick.oldest = max([tick.oldest, *(self._lateness(row) for row in rows)])
        tick.note(self._publish_events.handle([row for row in rows if row.unpublished]))
        for row in rows:
            if isinstance(row, IssuingBatch) and self._has_time(tick):
                self._take_over(row, tick)
        waiting = [row for row in rows if not (row.unpublished or isinstance(row, IssuingBatch))]
        tick.handed_over += tick.handing_over.hand_over(waiting)

    def _take_over(self, batch: IssuingBatch, tick: "_Tick") -> None:
        try:
            tick.note(self._batches.take_over(batch))
        except LedgerUnavailable as error:
            tick.fail(1, cause_of(error))

    def _has_time(self, tick: "_Tick") -> bool:
        return self._clock.now() + SWEEP_MARGIN < tick.deadline

    def _issuing(self) -> IssuingByPace:
        return IssuingByPace(
            store=self._store,
            commands=self._commands,
            share=IssuingShare(limiter=self._limiter, accounts=self._accounts, clock=self._clock),
            clock=self._clock,
            timing=self._timing,
        )

    def _handing_over(self, issuing: IssuingByPace) -> HandOver:
        return HandOver(
            ledger=self._ledger,
            store=self._store,
            issuing=issuing,
            polls=self._polls,
            redeliveries=self._redeliveries,
            clock=self._clock,
            timing=self._timing,
        )

    def _is_due(self, row: Row) -> bool:
        return row.due_at is not None and row.due_at <= self._clock.now()

    def _lateness(self, row: Row) -> float:
        """Count from when a worker could act: a handover postpones only `due_at`."""
        since = row.ready_at or row.due_at or self._clock.now()
        return (self._clock.now() - since).total_seconds()


@dataclass(slots=True)
class _BacklogScan:
    """How far a backlog was read in this tick."""

    backlog: Backlog
    resumes_after: str | None = None
    after: str | None = None
    has_begun: bool = False
    is_over: bool = False

    def read_to(self, end: str | None) -> None:
        """Go on after `end`; after the first page, from where the last tick ran out of time."""
        self.is_over = end is None
        self.after = (not self.has_begun and self.resumes_after) or end
        self.has_begun = True


@dataclass(slots=True, kw_only=True)
class _Tick:
    """The results of the tick so far."""

    deadline: datetime
    handing_over: HandOver
    issuing: IssuingByPace
    handed_over: int = 0
    published: int = 0
    failed: int = 0
    oldest: float = 0.0
    has_read_all: bool = True
    levels: dict[Metric, float] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    bugs: list[str] = field(default_factory=list)
    traces: Traces = field(default_factory=Traces)
    causes: Counter[Cause] = field(default_factory=Counter)

    def fail(self, rows: int, why: Cause) -> None:
        """Count rows for which the tick could do nothing."""
        self.failed += rows
        self.causes[why] += rows

    def fail_to_read(self, rows: int, why: Cause) -> None:
        """Count rows of which it is unknown for how long they have waited."""
        self.has_read_all = False
        self.fail(rows, why)

    def note(self, report: PublishReport) -> None:
        """Add what was published, and what was not."""
        self.published += report.published
        for why in report.causes.values():
            self.fail(1, why)
        for why, unmarked in report.unmarked.items():
            self.fail(unmarked, why)
        self.traces.merge(report.traces)
        self.bugs += report.bugs
        self.broken |= report.broken

    def measure(self, level: Metric, count: Callable[[], int]) -> None:
        """Keep what is counted; what cannot be is missing, and has failed."""
        try:
            self.levels[level] = count()
        except LedgerUnavailable as error:
            self.fail(1, cause_of(error))

    def report(self) -> SweepReport:
        """Return the report of the tick."""
        self.measure(Metric.BRAKED, self.issuing.braked)
        unsent = {queue: self.handing_over.unsent[queue] for queue in WorkQueue}
        broken = self.broken | self.handing_over.broken | self.issuing.broken
        return SweepReport(
            handed_over=self.handed_over,
            published=self.published,
            failed=self.failed + sum(unsent.values()) + len(broken),
            unsent=unsent,
            oldest=self.oldest if self.has_read_all else None,
            broken=frozenset(broken),
            bugs=self.bugs,
            traces=self.traces.by_outcome(),
            causes=self.causes + self.handing_over.causes + Counter({UNSTORABLE: len(broken)}),
            levels=self.levels,
        )
