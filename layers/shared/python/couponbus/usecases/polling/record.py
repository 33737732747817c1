"""Records a snapshot with news: the row is read, then polled again, and written over what was read.

So polls are stored in the order in which they were made, even if others are under way, and of two
workers that saw the same, one writes (docs/reliability.md#watch-states).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.cohort import Cohort
from couponbus.domain.polling.compare import after_poll, has_news, keys_to_compare
from couponbus.domain.polling.comparison import Changes, Comparison
from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.snapshot import Snapshot, confirmed
from couponbus.domain.polling.watch import POLL_AGAIN, Watch
from couponbus.domain.polling.watch_identity import watch_key
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row
from couponbus.domain.timing import Timing
from couponbus.ports.polling import Cohorts
from couponbus.ports.shared import Clock, Conflict
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.polling.fetch import PollTarget, SnapshotFetcher
from couponbus.usecases.polling.poll_order import first_again, in_order, left_over
from couponbus.usecases.rate_limited_calls import moment
from couponbus.usecases.store import Store

WITHOUT_SLOT_MAX = timedelta(hours=1)

type Seen = tuple[PollTarget, Snapshot]


@dataclass(frozen=True, slots=True)
class PendingUpdate:
    """A watch as it was read before its poll, and what is to be stored over it."""

    before: Watch
    changes: Changes

    @property
    def moves(self) -> bool:
        """Whether the watch changes its cohorts."""
        return cohorts_of(self.before) != cohorts_of(self.changes.watch)

    def count(self, run: Invocation) -> None:
        """Count it once it is stored."""
        changes = self.changes
        run.count(Metric.NEWS, int(bool(changes.rows)))
        run.traces.note(changes.rows)
        run.count(Metric.RECORDED, changes.recorded)
        run.count(Metric.REVERSED, changes.reversed)
        run.count(Metric.ANOMALIES, changes.anomalies)
        run.count(Metric.FIRST_POLLS_LATE, sum(map(_is_late_first_poll, changes.rows)))
        run.count(Metric.PARAMS_DROPPED, changes.params_dropped)
        run.count(Metric.WATCHES_ENDED, int(changes.watch.state is WatchState.ENDED))


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRecorder:
    """Turns differences into rows; one that no longer exists leaves the row as it was."""

    store: Store
    cohorts: Cohorts
    fetcher: SnapshotFetcher
    accounts: Mapping[tuple[Provider, str], PollAccount]
    clock: Clock
    timing: Timing

    def differing(self, seen: Sequence[Seen], *, run: Invocation) -> list[Watch]:
        """Return the watches for which these snapshots are news; nothing is written.

        Raises LedgerUnavailable.
        """
        snapshots = {watch_key(target.watch_id): snapshot for target, snapshot in seen}
        rows = self.store.read(list(snapshots))
        run.broken.update(rows.broken)
        pairs = [(watch, snapshots[watch.key]) for watch in _watches(rows.values())]
        compared = self._compared(pairs, has_news, polled_at=self.clock.now(), run=run)
        return [watch for watch, is_new in compared if is_new]

    def record(
        self, watches: Sequence[Watch], *, snapshots: Mapping[str, Snapshot], run: Invocation
    ) -> None:
        """Poll these as they were read, and store what has changed.

        `snapshots` has those of the first poll, by key: only what both polls lack is absent. What
        must be polled and could not be is due in the ledger soon; what was polled and could not be
        stored is in no row. The first polls of sign-ups come first, those of a backfill last and
        only some of them: the others are due again soon. Raises LedgerUnavailable after all is
        tried: then some news may be neither stored nor due.
        """
        problem: LedgerUnavailable | None = None
        for chunk in in_order(watches, self.accounts):
            before = {watch.key: watch for watch in chunk}
            polled_at = self.clock.now()  # an answer shows nothing of what came after its call
            seen = [
                (target, _confirmed(snapshots.get(watch_key(target.watch_id)), snapshot))
                for target, snapshot in self.fetcher.poll([*map(target_of, chunk)], run=run)
            ]
            polled = {watch_key(target.watch_id) for target, _ in seen}
            unpolled = [watch for watch in chunk if watch.key not in polled]
            for store in (
                partial(self._store_all, before, seen, polled_at=polled_at, run=run),
                partial(self._poll_again, unpolled, run=run),
            ):
                try:
                    store()
                except LedgerUnavailable as error:
                    problem = error
        self._put_off(watches, run=run)
        if problem is not None:
            raise problem

    def _poll_again(self, watches: Sequence[Watch], *, run: Invocation) -> None:
        """Have those due soon whose poll failed. Raises LedgerUnavailable."""
        now = self.clock.now()
        failed = [
            watch.put_off(until=max(first_again(watch, now=now), self._opens(watch, run=run)))
            if watch.state is WatchState.STARTING
            else watch.owed(by=max(now + POLL_AGAIN, self._opens(watch, run=run)))
            for watch in watches
        ]
        changed = [row for row, watch in zip(failed, watches, strict=True) if row is not watch]
        run.broken.update(self.store.write(changed).broken)

    def _put_off(self, watches: Sequence[Watch], *, run: Invocation) -> None:
        """Have the rest of a backfill enqueued in turn, behind what came meanwhile.

        Raises LedgerUnavailable.
        """
        now = self.clock.now()
        waiting = [
            watch.put_off(until=max(now, self._opens(watch, run=run)) + pause)
            for watch, pause in left_over(watches, self.accounts)
        ]
        run.broken.update(self.store.write(waiting).broken)

    def _opens(self, watch: Watch, *, run: Invocation) -> datetime:
        """Return until when its account gives no slot, in an hour at most: limits may change."""
        closed = run.closed.get((watch.provider, watch.account), 0.0)
        return min(moment(closed), self.clock.now() + WITHOUT_SLOT_MAX)

    def _store_all(
        self,
        before: Mapping[str, Watch],
        seen: Sequence[Seen],
        *,
        polled_at: datetime,
        run: Invocation,
    ) -> None:
        pairs = [(before[watch_key(target.watch_id)], snapshot) for target, snapshot in seen]
        compared = self._compared(pairs, after_poll, polled_at=polled_at, run=run)
        updates = [PendingUpdate(watch, changes) for watch, changes in compared]
        moved = [update for update in updates if update.moves]
        self.cohorts.enter(arrivals(moved))
        written = self._write(updates, run=run)
        run.count(Metric.OVERTAKEN, len(updates) - len(written))
        self.cohorts.leave(departures([update for update in moved if update in written]))
        for update in written:
            update.count(run)

    def _write(self, updates: Sequence[PendingUpdate], *, run: Invocation) -> list[PendingUpdate]:
        """Store each watch with its own rows; those that have none are written together."""
        alone = {update.changes.watch.key: update for update in updates if not update.changes.rows}
        done = self.store.write([update.changes.watch for update in alone.values()])
        run.broken.update(done.broken)
        written = [alone[row.key] for row in done.written]
        for each in updates:
            try:
                if each.changes.rows and self._write_together(each):
                    written.append(each)
            except RowsBroken as error:
                run.broken.update(error.keys)
        return written

    def _write_together(self, update: PendingUpdate) -> bool:
        """Store a watch with its rows; after a restore some of these may be newer than the watch.

        A redemption that is stored under its own id is recorded: only the watch catches up.
        """
        watch, rows = update.changes.watch, update.changes.rows
        conflicts = self.store.write_together([watch, *rows]).conflicts
        known = {each.attempted.key for each in conflicts if _is_recorded(each, watch)}
        if len(known) < len(conflicts):
            return False
        left = [row for row in rows if row.key not in known]
        return not known or bool(self.store.write_together([watch, *left]).written)

    def _compared[R](
        self,
        pairs: Sequence[tuple[Watch, Snapshot]],
        compare: Callable[[Comparison], R],
        *,
        polled_at: datetime,
        run: Invocation,
    ) -> Iterator[tuple[Watch, R]]:
        """Yield each watch with the result of its comparison; an unexpected error is reported.

        A watch with a redemption that cannot be read is left out as well: it would look new.
        Raises LedgerUnavailable.
        """
        needed = [keys_to_compare(watch, snapshot) for watch, snapshot in pairs]
        rows = self.store.read(list(dict.fromkeys(chain.from_iterable(needed))))
        run.broken.update(rows.broken)
        stored = {key: row for key, row in rows.items() if isinstance(row, RecordedRedemption)}
        publish_by = self.timing.publish_by(self.clock.now())
        for (watch, snapshot), keys in zip(pairs, needed, strict=True):
            if not rows.broken.isdisjoint(keys):
                continue
            comparison = Comparison(
                watch=watch, snapshot=snapshot, now=polled_at, publish_by=publish_by, stored=stored
            )
            try:
                result = compare(comparison)
            except Exception as bug:
                run.bugs.append(type(bug).__name__)
                continue
            yield watch, result


def arrivals(updates: Sequence[PendingUpdate]) -> Counter[Cohort]:
    """Return how many watches enter each cohort."""
    return Counter(
        cohort
        for update in updates
        for cohort in cohorts_of(update.changes.watch) - cohorts_of(update.before)
    )


def departures(updates: Sequence[PendingUpdate]) -> Counter[Cohort]:
    """Return how many watches leave each cohort."""
    return Counter(
        cohort
        for update in updates
        for cohort in cohorts_of(update.before) - cohorts_of(update.changes.watch)
    )


def cohorts_of(watch: Watch) -> set[Cohort]:
    """Return the cohorts in which a watch is found."""
    return {cohort for cohort in (watch.age_cohort, watch.end_cohort) if cohort is not None}


def _is_recorded(conflict: Conflict, watch: Watch) -> bool:
    """Whether a redemption that was to be added to a watch is stored there already."""
    stored = conflict.stored
    return (
        conflict.attempted.revision == 1
        and isinstance(stored, RecordedRedemption)
        and stored.watch_id == watch.watch_id
    )


def _is_late_first_poll(row: Row) -> bool:
    return isinstance(row, Notice) and row.kind is NoticeKind.FIRST_POLL_LATE


def _confirmed(first: Snapshot | None, second: Snapshot) -> Snapshot:
    return second if first is None else confirmed(first, second)


def target_of(watch: Watch) -> PollTarget:
    """Return the poll target of a watch that has not ended."""
    return PollTarget(
        watch_id=watch.watch_id,
        provider=watch.provider,
        account=watch.account,
        promotion=watch.promotion,
        user_id=watch.user_id or "",
        digest=watch.digest,
        list_filter=watch.list_filter,
        may_use_reserve=watch.is_first_of_sign_up,
    )


def _watches(rows: Iterable[Row]) -> list[Watch]:
    return [row for row in rows if isinstance(row, Watch)]
