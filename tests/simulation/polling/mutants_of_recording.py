"""Bugs about which worker may store a snapshot, and when (docs/reliability.md#watch-states)."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from couponbus.domain.copying import replace
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.cohort import Cohort
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_identity import watch_key
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.domain.row import Row
from couponbus.ports.polling import Cohorts
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.polling import record, watch_commands
from couponbus.usecases.polling.poll_redemptions import PollRedemptions
from couponbus.usecases.polling.record import (
    PendingUpdate,
    Seen,
    SnapshotRecorder,
    cohorts_of,
)
from tests.simulation.mutant import Mutant, Patch

_store_all = SnapshotRecorder._store_all
_write = SnapshotRecorder._write


def _first_snapshot(
    self: SnapshotRecorder, seen: Sequence[Seen], *, run: Invocation
) -> list[Watch]:
    """Store snapshots over rows that are read only now."""
    rows = self.store.read([watch_key(target.watch_id) for target, _ in seen])
    watches = {key: row for key, row in rows.items() if _is_alive(row)}
    alive = [one for one in seen if watch_key(one[0].watch_id) in watches]
    polled_at = self.clock.now()
    self._store_all(watches, alive, polled_at=polled_at, run=run)  # type: ignore[arg-type]
    return []


def _is_alive(row: Row | None) -> bool:
    return isinstance(row, Watch) and row.state is not WatchState.ENDED


def _unfenced(
    self: SnapshotRecorder, updates: Sequence[object], *, run: Invocation
) -> list[object]:
    """Write over any newer row."""
    written = _write(self, updates, run=run)  # type: ignore[arg-type]
    for update in updates:
        if update not in written:
            changes = update.changes  # type: ignore[attr-defined]
            rows = {row.key: row for row in (changes.watch, *changes.rows)}
            stored = self.store.read(list(rows))
            self.store.write(
                [
                    replace(row, revision=stored[key].revision if key in stored else 0)
                    for key, row in rows.items()
                ]
            )
    return list(written)


def _over_the_newer(
    self: SnapshotRecorder,
    before: Mapping[str, Watch],
    seen: Sequence[Seen],
    *,
    polled_at: datetime,
    run: Invocation,
) -> None:
    """Answer a conflict by comparing the same snapshot with the row stored by then."""
    _store_all(self, before, seen, polled_at=polled_at, run=run)
    for target, snapshot in seen:
        key = watch_key(target.watch_id)
        row = self.store.read([key]).get(key)
        if isinstance(row, Watch) and _is_alive(row) and row.revision > before[key].revision + 1:
            _store_all(self, {key: row}, [(target, snapshot)], polled_at=polled_at, run=run)


def _apart(self: SnapshotRecorder, updates: Sequence[object], *, run: Invocation) -> list[object]:
    """Store the watches first, and their other rows afterwards."""
    del run
    changes = [update.changes for update in updates]  # type: ignore[attr-defined]
    done = {row.key for row in self.store.write([one.watch for one in changes]).written}
    self.store.write([row for one in changes if one.watch.key in done for row in one.rows])
    return [update for update, one in zip(updates, changes, strict=True) if one.watch.key in done]


class _LateCohorts:
    """Enters cohorts only when it is called for that."""

    def __init__(self, cohorts: Cohorts) -> None:
        self.cohorts = cohorts
        self.arrivals: list[Mapping[object, int]] = []
        self.leave = cohorts.leave

    def enter(self, arrivals: Mapping[object, int]) -> None:
        self.arrivals.append(arrivals)


def _entered_last(
    self: SnapshotRecorder,
    before: Mapping[str, Watch],
    seen: Sequence[Seen],
    *,
    polled_at: datetime,
    run: Invocation,
) -> None:
    late = _LateCohorts(self.cohorts)
    belated = dataclasses.replace(self, cohorts=late)  # type: ignore[arg-type]
    _store_all(belated, before, seen, polled_at=polled_at, run=run)
    for arrivals in late.arrivals:
        self.cohorts.enter(arrivals)  # type: ignore[arg-type]


def _every_cohort_left(updates: Sequence[PendingUpdate]) -> Counter[Cohort]:
    return Counter(cohort for update in updates for cohort in cohorts_of(update.before))


def _every_cohort_entered(updates: Sequence[PendingUpdate]) -> Counter[Cohort]:
    return Counter(cohort for update in updates for cohort in cohorts_of(update.changes.watch))


def _no_cohort_left(updates: Sequence[PendingUpdate]) -> Counter[Cohort]:
    return Counter()


def _no_cohort(watch: Watch) -> set[Cohort]:
    return set()


def _ended_unpolled() -> Patch:
    sort = PollRedemptions._sort

    def ended(
        self: PollRedemptions,
        watches: Sequence[Watch],
        targets: object,
        owed: object,
        *,
        run: Invocation,
    ) -> None:
        now = self.clock.now()
        over = [
            one for one in watches if one.state is WatchState.ACTIVE and one.last_poll_at <= now
        ]
        ends = [one.ended(reason=EndReason.HORIZON, now=now, publish_by=now) for one in over]
        self.store.write(ends)
        left = [one for one in watches if one not in over]
        sort(self, left, targets, owed, run=run)  # type: ignore[arg-type]

    return Patch(PollRedemptions, "_sort", ended)


def _as_it_is(self: Watch, *, by: Watch, now: datetime, due_at: datetime) -> Watch:
    del by, now, due_at
    return self


def _is_starting(self: Watch) -> bool:
    return self.state is WatchState.STARTING


MUTANTS_OF_RECORDING = (
    Mutant(
        name="a blind diff: the first snapshot is stored whatever came in between",
        shows=("P1", "P2", "P3", "P6"),
        patches=(
            Patch(SnapshotRecorder, "differing", _first_snapshot),
            Patch(SnapshotRecorder, "_write", _unfenced),
        ),
    ),
    Mutant(
        name="a snapshot from before the row was read is stored over it",
        shows=("P3",),
        patches=(Patch(SnapshotRecorder, "differing", _first_snapshot),),
    ),
    Mutant(
        name="an old snapshot is compared with a newer row",
        shows=("P3",),
        patches=(Patch(SnapshotRecorder, "_store_all", _over_the_newer),),
    ),
    Mutant(
        name="redemptions are stored apart from their watch",
        shows=("P1", "P2", "P3"),
        patches=(Patch(SnapshotRecorder, "_write", _apart),),
    ),
    Mutant(
        name="a cohort is registered after its watches are stored",
        shows=("P5",),
        patches=(Patch(SnapshotRecorder, "_store_all", _entered_last),),
    ),
    Mutant(
        name="a watch that moves is counted out of the cohort in which it stays",
        shows=("P11",),
        patches=(Patch(record, "departures", _every_cohort_left),),
    ),
    Mutant(
        name="a watch that moves is counted again in the cohort in which it stays",
        shows=("P11",),
        patches=(Patch(record, "arrivals", _every_cohort_entered),),
    ),
    Mutant(
        name="a watch that moves is never counted out",
        shows=("P11",),
        patches=(Patch(record, "departures", _no_cohort_left),),
    ),
    Mutant(
        name="a watch that is ended by command is never counted out",
        shows=("P11",),
        patches=(Patch(watch_commands, "cohorts_of", _no_cohort),),
    ),
    Mutant(
        name="a watch that is over ends without a last poll",
        shows=("P5",),
        patches=(_ended_unpolled(),),
    ),
    Mutant(
        name="a later sign-up does not prolong a watch",
        shows=("P5",),
        patches=(Patch(Watch, "prolonged", _as_it_is),),
    ),
)
MUTANTS_OF_BACKFILLING = (
    Mutant(
        name="no call of a day is kept for the first polls of sign-ups",
        shows=("P12",),
        patches=(Patch(PollAccount, "reserved", 0),),
    ),
    Mutant(
        name="the watches of a backfill may use what is kept for those of sign-ups",
        shows=("P12",),
        patches=(Patch(Watch, "is_first_of_sign_up", property(_is_starting)),),
    ),
    Mutant(
        name="a sign-up does not make the watch of a backfill its own",
        shows=("P12",),
        patches=(Patch(Watch, "prolonged", _as_it_is),),
    ),
)
