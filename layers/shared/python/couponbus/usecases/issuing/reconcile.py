"""Settles attempts of unknown outcome by look-ups, before anything is sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.errors import ContractBroken, LedgerUnavailable
from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.issuing.look_up_results import is_last_look_up, nothing_found, nothing_proven
from couponbus.domain.issuing.lookup import Absent, Found, judge
from couponbus.domain.timing import Timing
from couponbus.ports.issuing import Barcodes
from couponbus.ports.shared import Clock
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.issuing.begin_watches import BeginWatches
from couponbus.usecases.issuing.unusable_answers import (
    Seen,
    barcodes_in,
    looked_up,
    with_failure,
)
from couponbus.usecases.rate_limited_calls import RateLimitedCalls, by_account
from couponbus.usecases.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """Looks up REQUESTED issuances whose attempt had time to settle."""

    store: Store
    watches: BeginWatches
    barcodes: Barcodes
    calls: RateLimitedCalls
    clock: Clock
    timing: Timing

    def reconcile(self, issuances: Sequence[Issuance], *, run: Invocation) -> list[Issuance]:
        """Settle as many as time allows; returns those that may be requested again now."""
        pending: list[Issuance] = []
        run.traces.note(issuances)
        for account, group in by_account(issuances):
            answers = self.calls.call_each(account, group, self._look_up, run=run)
            concluded = [self._concluded(issuance, found, run=run) for issuance, found in answers]
            pending += self._stored(concluded, run=run)
            keys = {row.key for row in concluded}
            now = self.clock.now()
            left = [with_failure(one, now=now, run=run) for one in group if one.key not in keys]
            run.leave_waiting(left)
            run.broken.update(self.store.make_due(left, until=now))
        return pending

    def _look_up(self, issuance: Issuance, until: datetime) -> Seen:
        """Look the issuance up; an unusable answer is returned as it is.

        The last look-up before another POST is by customer and offer, even if the account's
        `lookup` says otherwise: only that finds a barcode kept under another reference.
        """
        look_up = self.barcodes.existing if is_last_look_up(issuance) else self.barcodes.find
        return looked_up(look_up, issuance, until)

    def _concluded(self, issuance: Issuance, found: Seen, *, run: Invocation) -> Issuance:
        now = self.clock.now()
        publish_by = self.timing.publish_by(now)
        verdict = judge(issuance, barcodes_in(found), skew=timedelta(seconds=self.timing.skew))
        if isinstance(verdict, Found):
            return issuance.issued(
                barcode=verdict.barcode, origin=Origin.RECONCILED, now=now, publish_by=publish_by
            )
        if not isinstance(verdict, Absent):
            return issuance.ambiguous(
                numbers=verdict.numbers, reason=verdict.reason, now=now, publish_by=publish_by
            )
        if isinstance(found, ContractBroken):
            run.count(Metric.CONTRACT_BROKEN)
            return nothing_proven(issuance, why=found.reason, now=now, timing=self.timing)
        return nothing_found(issuance, now=now, timing=self.timing)

    def _stored(self, rows: Sequence[Issuance], *, run: Invocation) -> list[Issuance]:
        try:
            stored = self.store.write(self.watches.begin(rows, of=rows, run=run))
        except LedgerUnavailable:
            run.leave_waiting(rows)
            return []  # they stay as they were: the look-ups are repeated
        run.left_out(rows, by=stored)
        still = [row for row in stored.written if row.state is IssuanceState.REQUESTED]
        run.leave_waiting(still)
        run.traces.note(stored.written)
        for row in stored.written:
            if row.state in _COUNTED:
                run.count(_COUNTED[row.state])
        return [row for row in stored.written if row.state is IssuanceState.PENDING]


_COUNTED = {
    IssuanceState.ISSUED: Metric.ISSUED,
    IssuanceState.REJECTED: Metric.REFUSED,
    IssuanceState.AMBIGUOUS: Metric.AMBIGUOUS,
    IssuanceState.PENDING: Metric.RELEASED,
}
