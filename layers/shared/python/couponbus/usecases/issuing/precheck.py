"""Looks for a barcode that was issued by another way, before one is requested."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from couponbus.domain.errors import ContractBroken
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.issuing.issuance import Issuance, Origin
from couponbus.domain.issuing.look_up_results import waiting_for_look_up
from couponbus.domain.issuing.lookup import usable
from couponbus.domain.issuing.reference import is_same_reference
from couponbus.domain.timing import Timing
from couponbus.ports.issuing import Barcodes
from couponbus.ports.shared import Clock
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.issuing.admission import Admission
from couponbus.usecases.issuing.unusable_answers import (
    Seen,
    barcodes_in,
    looked_up,
    postpone_look_ups,
    with_failure,
)
from couponbus.usecases.rate_limited_calls import RateLimitedCalls, by_account

NOT_PRECHECKED = "not looked up yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Precheck:
    """For programs whose customers may use a Coniq form, which issues a barcode by itself."""

    admission: Admission
    barcodes: Barcodes
    calls: RateLimitedCalls
    clock: Clock
    timing: Timing

    def precheck(self, issuances: Sequence[Issuance], *, run: Invocation) -> list[Issuance]:
        """Adopt existing barcodes; return the issuances that must be requested.

        What could not be looked up for lack of time waits in the ledger. Look-ups end while there
        is time to request the others: a later invocation cannot use an answer.
        """
        answers: dict[str, Seen] = {}
        existing = partial(looked_up, self.barcodes.existing)
        for account, group in by_account(issuances):
            answers |= {
                issuance.key: found
                for issuance, found in self.calls.call_each(
                    account, group, existing, run=run, room=self.timing.room_to_post
                )
            }
        now = self.clock.now()
        adopted = {
            issuance.key: barcode
            for issuance in issuances
            if (barcode := usable(_barcodes(answers, issuance), issuance, today=now.date()))
        }
        unproven = {key: seen for key, seen in answers.items() if isinstance(seen, ContractBroken)}
        unproven = {key: broken for key, broken in unproven.items() if key not in adopted}
        self._adopt([one for one in issuances if one.key in adopted], adopted, now, run)
        self._wait([one for one in issuances if one.key not in answers], now, run)
        postpone_look_ups(
            issuances, unproven, admission=self.admission, timing=self.timing, now=now, run=run
        )
        missing = answers.keys() - adopted.keys() - unproven.keys()
        return [one for one in issuances if one.key in missing]

    def _adopt(
        self,
        issuances: Sequence[Issuance],
        barcodes: Mapping[str, Barcode],
        now: datetime,
        run: Invocation,
    ) -> None:
        publish_by = self.timing.publish_by(now)

        def issued(one: Issuance) -> Issuance:
            barcode = barcodes[one.key]
            return one.issued(
                barcode=barcode, origin=_origin(barcode, one), now=now, publish_by=publish_by
            )

        adopted = self.admission.admit(issuances, issued, now=now, run=run)
        run.count(Metric.ADOPTED, len(adopted))

    def _wait(self, issuances: Sequence[Issuance], now: datetime, run: Invocation) -> None:
        until = now + timedelta(seconds=self.timing.backoff)

        def postponed(one: Issuance) -> Issuance:
            waiting = waiting_for_look_up(one, now=now, until=until, why=NOT_PRECHECKED)
            return with_failure(waiting, now=now, run=run)

        run.count(Metric.POSTPONED, len(issuances))
        run.leave_waiting(issuances)
        waiting = [with_failure(one, now=now, run=run) for one in issuances if one.lookup_first]
        not_waiting = [one for one in issuances if not one.lookup_first]
        self.admission.make_due(waiting, until=until, run=run)
        self.admission.admit(not_waiting, postponed, now=now, run=run)


def _origin(barcode: Barcode, issuance: Issuance) -> Origin:
    """Return RECONCILED for what an attempt made that a restored table forgot, else EXISTING."""
    is_ours = is_same_reference(barcode.tracking_code, issuance.tracking_code)
    return Origin.RECONCILED if is_ours else Origin.EXISTING


def _barcodes(answers: Mapping[str, Seen], issuance: Issuance) -> Sequence[Barcode]:
    return barcodes_in(answers.get(issuance.key, ()))
