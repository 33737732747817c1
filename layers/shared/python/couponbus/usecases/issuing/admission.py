"""Stores new issuances in the ledger, or joins them to the rows that are there already."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.reopening import joined, may_reopen, reopened
from couponbus.ports.shared import Conflict
from couponbus.usecases.causes import EARLIER_FIRST, cause_of
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.issuing.begin_watches import BeginWatches
from couponbus.usecases.issuing.last_restore import LastRestore
from couponbus.usecases.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Keeps one row for a customer and an offer, however many sign-ups lead to it."""

    store: Store
    watches: BeginWatches
    last_restore: LastRestore

    def admit(
        self,
        issuances: Sequence[Issuance],
        step: Callable[[Issuance], Issuance],
        *,
        now: datetime,
        run: Invocation,
    ) -> Sequence[Issuance]:
        """Apply the transition `step` to each and save; return the rows that were saved so.

        Where a row is stored already, `step` is applied to that one if a new sign-up may change
        it; one that must be looked up first is saved without `step`, and not returned. When the
        ledger does not answer, nothing is returned and what may not be stored is marked unsaved;
        so is a row that cannot be stored, or whose stored version cannot be read.
        """
        try:
            fresh = [step(issuance) for issuance in issuances]
            first = self.store.write(self.watches.begin(fresh, of=issuances, run=run))
            standing = [
                (stored, self._must_look_up_first(stored, conflict, now=now))
                for conflict in first.conflicts
                if (stored := self._standing(conflict, now=now, run=run)) is not None
            ]
            moved = [row if looked_up_first else step(row) for row, looked_up_first in standing]
            second = self.store.write(self.watches.begin(moved, of=issuances, run=run))
        except LedgerUnavailable as error:
            run.mark_unsaved(issuances, why=cause_of(error))
            return []
        run.left_out(issuances, by=first)
        run.left_out(issuances, by=second)
        run.traces.note([*first.written, *second.written])
        taken = {row.key for row in second.written}
        left = [c for c in first.conflicts if c.attempted.key not in taken]
        self._put_off(issuances, [*left, *second.conflicts], run=run)
        waiting = {row.key for row, looked_up_first in standing if looked_up_first}
        return [one for one in (*first.written, *second.written) if one.key not in waiting]

    def leave(
        self,
        issuances: Sequence[Issuance],
        *,
        until: datetime,
        why: str,
        now: datetime,
        run: Invocation,
    ) -> None:
        """Store the new ones, due at `until`; make the others due by then.

        If only time ran out (`until` is now), the others are not written: that many writes cost
        more than a wait until their message may be taken for lost.
        """
        run.count(Metric.POSTPONED, len(issuances))
        run.leave_waiting(issuances)
        fresh = [one for one in issuances if one.revision == 0]
        self.admit(
            fresh, lambda one: one.postponed(now=now, until=until, why=why), now=now, run=run
        )
        if until > now:
            self.make_due(issuances, until=until, run=run)

    def make_due(self, issuances: Sequence[Issuance], *, until: datetime, run: Invocation) -> None:
        """Make those due at `until` that were handed over, and could not be looked up."""
        run.traces.note(issuances)
        run.broken.update(self.store.make_due(issuances, until=until))

    def _put_off(
        self, issuances: Sequence[Issuance], conflicts: Sequence[Conflict], *, run: Invocation
    ) -> None:
        """Mark those unsaved that may change a row later: no row holds their sign-up yet."""
        keys = {one.attempted.key for one in conflicts if _starts_again(one) or _brings_more(one)}
        run.mark_unsaved((one for one in issuances if one.key in keys), why=EARLIER_FIRST)

    def _must_look_up_first(self, started: Issuance, conflict: Conflict, *, now: datetime) -> bool:
        """Whether the sweeper has it looked up first, so that `step` must not be applied now.

        It was sent before, or may have been in hours that a restore has forgotten; or it is not
        ready yet.
        """
        attempted = conflict.attempted
        if isinstance(attempted, Issuance) and attempted.is_final:
            return False
        was_sent = started.state is IssuanceState.REQUESTED
        waits = not started.is_ready(now)
        return was_sent or waits or self.last_restore.may_have_forgotten(started)

    def _standing(self, conflict: Conflict, *, now: datetime, run: Invocation) -> Issuance | None:
        attempted, stored = conflict.attempted, conflict.stored
        if not isinstance(attempted, Issuance) or not isinstance(stored, Issuance):
            return None
        if attempted.revision > 1:
            return None  # read from the ledger: the worker that changed it meanwhile goes on
        if _starts_again(conflict):
            run.traces.join(attempted, stored)
            # A row owes one event at most: its refusal is published before it starts again.
            return None if stored.unpublished else reopened(stored, by=attempted, now=now)
        run.count(Metric.DUPLICATES)
        run.traces.join(attempted, stored)
        run.count(Metric.CONFLICTING, int(stored.channel is not attempted.channel))
        if attempted.state is IssuanceState.REJECTED:
            return None  # what this sign-up is denied may be owed to another one
        return self._undecided(stored, conflict, by=attempted, now=now)

    def _undecided(
        self, stored: Issuance, conflict: Conflict, *, by: Issuance, now: datetime
    ) -> Issuance | None:
        is_ready = stored.is_ready(now)
        if _brings_more(conflict):
            under_way = stored.state is IssuanceState.REQUESTED and not is_ready
            return None if under_way else joined(stored, by=by)
        if stored.state is not IssuanceState.PENDING or not is_ready:
            return None
        # What a restore may have forgotten is resumed by the sweeper, and looked up first.
        return None if self.last_restore.may_have_forgotten(stored) else stored


def _starts_again(conflict: Conflict) -> bool:
    """Whether a later sign-up may start again what was refused to another one."""
    attempted, stored = conflict.attempted, conflict.stored
    if not isinstance(attempted, Issuance) or not isinstance(stored, Issuance):
        return False
    # If a gate denies this one anyway, what the provider refused stays the other's, to be retried.
    is_denied = attempted.state is IssuanceState.REJECTED and stored.attempt > 0
    return may_reopen(stored) and stored.signup_id != attempted.signup_id and not is_denied


def _brings_more(conflict: Conflict) -> bool:
    """Whether an allowed sign-up brings consents or age that an undecided row lacks."""
    attempted, stored = conflict.attempted, conflict.stored
    if not isinstance(attempted, Issuance) or not isinstance(stored, Issuance):
        return False
    is_another = attempted.revision <= 1 and attempted.signup_id != stored.signup_id
    is_open = not stored.is_final and attempted.state is not IssuanceState.REJECTED
    return is_another and is_open and joined(stored, by=attempted) is not stored
