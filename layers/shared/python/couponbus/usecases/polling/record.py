"""From a snapshot that differs to what is stored: under a lease, seen once more, all or nothing.

Whoever holds the lease reads the row, then looks, then writes over the very revision that the
lease made. So looks are stored in the order in which they were taken, whatever else is under way,
and of two workers who saw the same, one writes (docs/reliability.md#watch-states).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import batched

from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.compare import after_look, has_news, keys_to_compare
from couponbus.domain.polling.comparison import Look
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.snapshot import Snapshot, confirmed
from couponbus.domain.polling.watch import Watch, WatchState, watch_key
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row, Rows
from couponbus.domain.timing import Timing
from couponbus.ports.polling import Cohorts
from couponbus.ports.shared import Clock, Conflict
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.metrics import Metric
from couponbus.usecases.polling.fetch import PollTarget, SnapshotFetcher
from couponbus.usecases.polling.pending_updates import PendingUpdate, arrivals, departures
from couponbus.usecases.store import Store

SECONDS_LEASED = 20.0  # as many watches are leased at once as can be looked at in about so long
LEASED_MAX = 100

type Seen = tuple[PollTarget, Snapshot]


class SnapshotRecorder:
    """Turns differences into rows; a difference that is none any more leaves the row as it was."""

    def __init__(
        self,
        *,
        store: Store,
        cohorts: Cohorts,
        fetcher: SnapshotFetcher,
        accounts: Mapping[tuple[Provider, str], PollAccount],
        clock: Clock,
        timing: Timing,
    ) -> None:
        """Record into this ledger."""
        self._store = store
        self._cohorts = cohorts
        self._fetcher = fetcher
        self._accounts = accounts
        self._clock = clock
        self._timing = timing

    def differing(self, seen: Sequence[Seen], *, run: Invocation) -> list[Watch]:
        """Return the watches of which these snapshots tell something new; nothing is written.

        Raises LedgerUnavailable.
        """
        snapshots = {watch_key(target.watch_id): snapshot for target, snapshot in seen}
        rows = self._store.read(list(snapshots))
        run.broken.update(rows.broken)
        pairs = [(watch, snapshots[watch.key]) for watch in _watches(rows.values())]
        stored = self._stored(pairs)
        look = self._look(stored, asked=self._clock.now())
        watches = [watch for watch, _ in _comparable(pairs, stored, run=run)]
        alive = [watch for watch in watches if watch.state is not WatchState.ENDED]
        return [
            watch
            for watch in alive
            if _alone(partial(has_news, watch, snapshots[watch.key], look), run=run)
        ]

    def record(
        self, watches: Sequence[Watch], *, snapshots: Mapping[str, Snapshot], run: Invocation
    ) -> None:
        """Lease these, look at them again, and store what has changed.

        `snapshots` has what was seen of them just now, by key: only what both looks lack is absent.
        What was leased and is not stored, for whatever reason, is due in the ledger when the
        lease is over. Raises LedgerUnavailable when something may not even be leased.
        """
        for chunk in self._chunks(watches):
            leased = self._leased(chunk, run=run)
            targets = [target_of(one) for one in leased.values()]
            asked = self._clock.now()  # an answer shows nothing of what came after its question
            seen = [
                (target, _confirmed(snapshots.get(watch_key(target.watch_id)), snapshot))
                for target, snapshot in self._fetcher.look(targets, run=run)
            ]
            try:
                self._store_all(leased, seen, asked=asked, run=run)
            except LedgerUnavailable:
                continue

    def _chunks(self, watches: Sequence[Watch]) -> Iterator[Sequence[Watch]]:
        groups: dict[tuple[Provider, str], list[Watch]] = {}
        for watch in watches:
            groups.setdefault((watch.provider, watch.account), []).append(watch)
        for key, group in groups.items():
            account = self._accounts.get(key)
            pace = account.calls_per_second if account else 1.0
            most = max(1, min(LEASED_MAX, int(pace * SECONDS_LEASED)))
            yield from batched(group, most, strict=False)

    def _leased(self, watches: Sequence[Watch], *, run: Invocation) -> Mapping[str, Watch]:
        """Lease what nobody holds; returns the watches as the lease made them, by key.

        Raises LedgerUnavailable.
        """
        now = self._clock.now()
        until = run.deadline + timedelta(seconds=self._timing.skew)
        free = [watch for watch in watches if not watch.is_held(now)]
        stored = self._store.write([watch.leased(now=now, until=until) for watch in free])
        run.broken.update(stored.broken)
        run.count(Metric.OVERTAKEN, len(watches) - len(stored.written))
        return {watch.key: watch for watch in _watches(stored.written)}

    def _store_all(
        self,
        leased: Mapping[str, Watch],
        seen: Sequence[Seen],
        *,
        asked: datetime,
        run: Invocation,
    ) -> None:
        pairs = [(leased[watch_key(target.watch_id)], snapshot) for target, snapshot in seen]
        rows = self._stored(pairs)
        look = self._look(rows, asked=asked)
        compared = (
            (watch, _alone(partial(after_look, watch, snapshot, look), run=run))
            for watch, snapshot in _comparable(pairs, rows, run=run)
        )
        updates = [
            PendingUpdate(watch, changes) for watch, changes in compared if changes is not None
        ]
        moved = [update for update in updates if update.moves]
        self._cohorts.enter(arrivals(moved))
        written = self._write(updates, run=run)
        run.count(Metric.OVERTAKEN, len(updates) - len(written))
        self._cohorts.leave(departures([update for update in moved if update in written]))
        for update in written:
            update.count(run)

    def _write(self, updates: Sequence[PendingUpdate], *, run: Invocation) -> list[PendingUpdate]:
        """Store each watch with its own rows; those that have none travel together."""
        alone = {update.changes.watch.key: update for update in updates if not update.changes.rows}
        done = self._store.write([update.changes.watch for update in alone.values()])
        run.broken.update(done.broken)
        written = [alone[row.key] for row in done.written]
        for each in updates:
            try:
                if each.changes.rows and self._write_together(each):
                    written.append(each)
            except RowsBroken as met:
                run.broken.update(met.keys)
        return written

    def _write_together(self, update: PendingUpdate) -> bool:
        """Store a watch with its rows; after a restore some of these may be newer than the watch.

        A redemption that stands there under its own id is recorded: only the watch catches up.
        """
        watch, rows = update.changes.watch, update.changes.rows
        conflicts = self._store.write_together([watch, *rows]).conflicts
        known = {each.attempted.key for each in conflicts if _is_recorded(each, watch)}
        if len(known) < len(conflicts):
            return False
        left = [row for row in rows if row.key not in known]
        return not known or bool(self._store.write_together([watch, *left]).written)

    def _stored(self, pairs: Sequence[tuple[Watch, Snapshot]]) -> Rows:
        keys = dict.fromkeys(
            key for watch, snapshot in pairs for key in keys_to_compare(watch, snapshot)
        )
        return self._store.read(list(keys))

    def _look(self, rows: Rows, *, asked: datetime) -> Look:
        publish_by = self._clock.now() + timedelta(seconds=self._timing.publish_grace)
        stored = {key: row for key, row in rows.items() if isinstance(row, RecordedRedemption)}
        return Look(now=asked, publish_by=publish_by, stored=stored)


def _is_recorded(conflict: Conflict, watch: Watch) -> bool:
    """Whether a redemption was to be added to those of a watch that is there already."""
    stored = conflict.stored
    return (
        conflict.attempted.revision == 1
        and isinstance(stored, RecordedRedemption)
        and stored.watch_id == watch.watch_id
    )


def _comparable(
    pairs: Sequence[tuple[Watch, Snapshot]], stored: Rows, *, run: Invocation
) -> Sequence[tuple[Watch, Snapshot]]:
    """Return those whose redemptions could all be read: one that could not would look new."""
    if not stored.broken:
        return pairs
    run.broken.update(stored.broken)
    return [
        (watch, snapshot)
        for watch, snapshot in pairs
        if stored.broken.isdisjoint(keys_to_compare(watch, snapshot))
    ]


def _confirmed(first: Snapshot | None, second: Snapshot) -> Snapshot:
    return second if first is None else confirmed(first, second)


def _alone[R](compare: Callable[[], R], *, run: Invocation) -> R | None:
    """Let a watch with an unexpected error fail alone: None, and the error is reported."""
    try:
        return compare()
    except Exception as bug:
        run.bugs.append(type(bug).__name__)
        return None


def target_of(watch: Watch) -> PollTarget:
    """Return whom to ask about for a watch that is not over."""
    return PollTarget(
        watch_id=watch.watch_id,
        provider=watch.provider,
        account=watch.account,
        promotion=watch.promotion,
        user_id=watch.user_id or "",
        digest=watch.digest,
    )


def _watches(rows: Iterable[Row]) -> list[Watch]:
    return [row for row in rows if isinstance(row, Watch)]
