"""Looks up issuances that a restored ledger may have forgotten, before any POST for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from couponbus.domain.copying import replace
from couponbus.domain.errors import ContractBroken
from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.issuing.look_up_results import waiting_for_look_up
from couponbus.domain.issuing.lookup import Absent, Found, Verdict, judge
from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.restore import Restore
from couponbus.domain.row import Row
from couponbus.domain.timing import Timing
from couponbus.ports.issuing import Barcodes
from couponbus.ports.shared import Clock
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.issuing.admission import Admission
from couponbus.usecases.issuing.last_restore import LastRestore
from couponbus.usecases.issuing.resolve_customers import Known
from couponbus.usecases.issuing.unusable_answers import (
    barcodes_in,
    looked_up,
    postpone_look_ups,
    with_failure,
)
from couponbus.usecases.rate_limited_calls import RateLimitedCalls, by_account

NOT_LOOKED_UP_SINCE_RESTORE = "not looked up since the restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterRestore:
    """Treats PENDING issuances like attempts of unknown outcome, however many attempts they had."""

    last_restore: LastRestore
    admission: Admission
    barcodes: Barcodes
    calls: RateLimitedCalls
    clock: Clock
    timing: Timing

    def unsure(self, issuances: Sequence[Issuance]) -> list[Issuance]:
        """Return those that must be looked up before they are sent. Raises LedgerUnavailable."""
        restore = self.last_restore.current()
        if restore is None:
            return []
        return [one for one in issuances if restore.may_have_forgotten(one)]

    def must_wait(self, row: Row) -> bool:
        """Whether a look-up of its attempt would come too early. Raises LedgerUnavailable.

        The ledger may have forgotten a later attempt than the one that it shows.
        """
        if not isinstance(row, Issuance) or row.state is not IssuanceState.REQUESTED:
            return False
        restore = self.last_restore.current()
        if restore is None or not restore.may_have_forgotten(row):
            return False
        return self.clock.now() < self._settled_at(restore)

    def look_up(
        self,
        issuances: Sequence[Issuance],
        known: Sequence[Known],
        programs: Mapping[str, Program],
        *,
        run: Invocation,
    ) -> list[Issuance]:
        """Record what is found; return those that the provider does not have, and the sure ones.

        What could not be looked up waits in the ledger, and so does everything until the last
        attempts before the restore have settled. `known` says which of them were sign-ups that
        waited for their customer. Raises LedgerUnavailable.
        """
        restore = self.last_restore.current()
        if restore is None:
            return [*issuances]
        rows = _with_their_past(issuances, known, restore)
        unsure = [one for one in rows if restore.may_have_forgotten(one)]
        looked_up_keys = {one.key for one in unsure}
        missing = self._missing(unsure, restore, programs, run=run)
        return [*(one for one in rows if one.key not in looked_up_keys), *missing]

    def _missing(
        self,
        issuances: Sequence[Issuance],
        restore: Restore,
        programs: Mapping[str, Program],
        *,
        run: Invocation,
    ) -> list[Issuance]:
        verdicts: dict[str, Verdict] = {}
        unproven: dict[str, ContractBroken] = {}
        if self.clock.now() >= self._settled_at(restore):
            verdicts, unproven = self._verdicts(issuances, restore, run=run)
        missing = [one for one in issuances if _is_missing(one, verdicts, programs)]
        left = {one.key for one in missing}
        decided = [one for one in issuances if one.key in verdicts and one.key not in left]
        self._decide(decided, verdicts, run=run)
        postpone_look_ups(
            issuances,
            unproven,
            admission=self.admission,
            timing=self.timing,
            now=self.clock.now(),
            run=run,
        )
        not_looked_up = [
            one for one in issuances if one.key not in verdicts and one.key not in unproven
        ]
        self._wait(not_looked_up, restore, run=run)
        return missing

    def _settled_at(self, restore: Restore) -> datetime:
        """Return from when on one look-up shows what was sent before the restore.

        Not before the second look-up of an attempt would be made, as the first may be stale.
        """
        timing = self.timing
        return restore.at + timedelta(seconds=timing.skew + timing.settle + timing.between_look_ups)

    def _verdicts(
        self, issuances: Sequence[Issuance], restore: Restore, *, run: Invocation
    ) -> tuple[dict[str, Verdict], dict[str, ContractBroken]]:
        """Return the verdict on each, and the answers that prove nothing."""
        skew = timedelta(seconds=self.timing.skew)
        existing = partial(looked_up, self.barcodes.existing)
        verdicts: dict[str, Verdict] = {}
        unproven: dict[str, ContractBroken] = {}
        for account, group in by_account(issuances):
            seen_of = self.calls.call_each(
                account, group, existing, run=run, room=self.timing.room_to_post
            )
            for issuance, seen in seen_of:
                # It was not applied before the state of `to`, so what is ours is newer.
                since_then = replace(issuance, requested_at=restore.to)
                verdict = judge(since_then, barcodes_in(seen), skew=skew)
                if isinstance(seen, ContractBroken) and isinstance(verdict, Absent):
                    unproven[issuance.key] = seen
                else:
                    verdicts[issuance.key] = verdict
        return verdicts, unproven

    def _decide(
        self, issuances: Sequence[Issuance], verdicts: Mapping[str, Verdict], *, run: Invocation
    ) -> None:
        now = self.clock.now()
        stored = self.admission.admit(issuances, self._decided(verdicts, now=now), now=now, run=run)
        found = sum(isinstance(verdicts[one.key], Found) for one in stored)
        run.count(Metric.ADOPTED, found)
        run.count(Metric.AMBIGUOUS, len(stored) - found)

    def _decided(
        self, verdicts: Mapping[str, Verdict], *, now: datetime
    ) -> Callable[[Issuance], Issuance]:
        publish_by = self.timing.publish_by(now)

        def decided(one: Issuance) -> Issuance:
            match verdicts[one.key]:
                case Found(barcode=barcode):
                    return one.issued(
                        barcode=barcode, origin=Origin.RECONCILED, now=now, publish_by=publish_by
                    )
                case Absent():
                    return one
                case unclear:
                    return one.ambiguous(
                        numbers=unclear.numbers,
                        reason=unclear.reason,
                        now=now,
                        publish_by=publish_by,
                    )

        return decided

    def _wait(self, issuances: Sequence[Issuance], restore: Restore, *, run: Invocation) -> None:
        now = self.clock.now()
        until = max(now + timedelta(seconds=self.timing.backoff), self._settled_at(restore))

        def postponed(one: Issuance) -> Issuance:
            waiting = waiting_for_look_up(
                one, now=now, until=until, why=NOT_LOOKED_UP_SINCE_RESTORE
            )
            return with_failure(waiting, now=now, run=run)

        run.count(Metric.POSTPONED, len(issuances))
        run.leave_waiting(issuances)
        settled = now >= self._settled_at(restore)
        # One that waits for a look-up already is handed over at the pace of look-ups.
        waiting = [
            with_failure(one, now=now, run=run) for one in issuances if settled and one.lookup_first
        ]
        not_waiting = [one for one in issuances if not (settled and one.lookup_first)]
        self.admission.make_due(waiting, until=until, run=run)
        self.admission.admit(not_waiting, postponed, now=now, run=run)


def _with_their_past(
    issuances: Sequence[Issuance], known: Sequence[Known], restore: Restore
) -> list[Issuance]:
    """Begin the trail of an issuance as that of its resolution began: it may have to wait again."""
    waited = {
        issuance.key: resolution.trail[:1]
        for resolution, issuance in known
        if restore.predates(resolution)
    }
    return [one if one.trail else replace(one, trail=waited.get(one.key, ())) for one in issuances]


def _is_missing(
    issuance: Issuance, verdicts: Mapping[str, Verdict], programs: Mapping[str, Program]
) -> bool:
    """Whether it may go on; with `precheck_existing` the precheck decides on what is there."""
    verdict = verdicts.get(issuance.key)
    if verdict is None or isinstance(verdict, Found):
        return False
    program = programs.get(issuance.program)
    adopts = program is not None and program.precheck_existing and issuance.attempt == 0
    return isinstance(verdict, Absent) or adopts
