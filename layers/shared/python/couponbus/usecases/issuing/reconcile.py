"""Finding out by look-up what an attempt of unknown outcome did, before anything is sent again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from couponbus.domain.errors import ContractBroken, LedgerUnavailable
from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.issuing.looks import is_last_look, nothing_found
from couponbus.domain.issuing.lookup import Absent, Found, judge
from couponbus.domain.timing import Timing
from couponbus.ports.issuing import Barcodes
from couponbus.ports.shared import Clock
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.issuing.lookups import Lookups, by_account
from couponbus.usecases.issuing.unusable_answers import (
    Seen,
    barcodes_in,
    looked_in_vain,
    usable_or_not,
)
from couponbus.usecases.metrics import Metric
from couponbus.usecases.store import Store


class Reconcile:
    """Looks REQUESTED issuances up whose attempt had time to settle."""

    def __init__(
        self,
        *,
        store: Store,
        barcodes: Barcodes,
        lookups: Lookups,
        clock: Clock,
        timing: Timing,
    ) -> None:
        """Look up by these questions."""
        self._store = store
        self._barcodes = barcodes
        self._lookups = lookups
        self._clock = clock
        self._timing = timing

    def reconcile(self, issuances: Sequence[Issuance], *, run: Invocation) -> list[Issuance]:
        """Settle as many as time allows; returns those that may be requested again now."""
        pending: list[Issuance] = []
        for account, group in by_account(issuances):
            answers = self._lookups.ask(account, group, self._look, run=run)
            concluded = [self._concluded(issuance, found, run=run) for issuance, found in answers]
            pending += self._stored(concluded, run=run)
            keys = {row.key for row in concluded}
            left = [one for one in group if one.key not in keys]
            run.broken.update(self._store.make_due(left, until=self._clock.now()))
        return pending

    def _look(self, issuance: Issuance, until: datetime) -> Seen:
        """Look up, if only in vain.

        The last look before another POST asks by customer and offer, whatever the account's
        `lookup`: what was kept under another reference shows there alone.
        """
        ask = self._barcodes.existing if is_last_look(issuance) else self._barcodes.find
        return usable_or_not(
            lambda: ask(account=issuance.account, request=issuance.request, deadline=until)
        )

    def _concluded(self, issuance: Issuance, found: Seen, *, run: Invocation) -> Issuance:
        now = self._clock.now()
        publish_by = now + timedelta(seconds=self._timing.publish_grace)
        verdict = judge(issuance, barcodes_in(found), skew=timedelta(seconds=self._timing.skew))
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
            return looked_in_vain(issuance, found, timing=self._timing, now=now)
        return nothing_found(
            issuance,
            now=now,
            pause=timedelta(seconds=self._timing.between_looks),
            longest=timedelta(seconds=self._timing.backoff_cap),
            publish_by=publish_by,
        )

    def _stored(self, rows: Sequence[Issuance], *, run: Invocation) -> list[Issuance]:
        try:
            stored = self._store.write(rows)
        except LedgerUnavailable:
            return []  # they stay as they were: the look-ups are repeated
        run.left_out(rows, by=stored)
        settled = [row for row in stored.written if isinstance(row, Issuance)]
        for row in settled:
            if row.state in _COUNTED:
                run.count(_COUNTED[row.state])
        return [row for row in settled if row.state is IssuanceState.PENDING]


_COUNTED = {
    IssuanceState.ISSUED: Metric.ISSUED,
    IssuanceState.REJECTED: Metric.REFUSED,
    IssuanceState.AMBIGUOUS: Metric.AMBIGUOUS,
    IssuanceState.PENDING: Metric.RELEASED,
}
