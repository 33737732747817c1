"""Looking for a barcode that somebody else had issued, before asking for one."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from couponbus.domain.errors import ContractBroken
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.issuing.issuance import Issuance, Origin
from couponbus.domain.issuing.looks import waiting_for_a_look
from couponbus.domain.issuing.lookup import usable
from couponbus.domain.issuing.reference import is_same_reference
from couponbus.domain.timing import Timing
from couponbus.ports.issuing import Barcodes
from couponbus.ports.shared import Clock
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.issuing.admission import Admission
from couponbus.usecases.issuing.lookups import Lookups, by_account
from couponbus.usecases.issuing.unusable_answers import Seen, barcodes_in, look_again, usable_or_not
from couponbus.usecases.metrics import Metric

NOT_LOOKED_UP = "not looked up yet"


class Precheck:
    """For programs whose customers may come through a Coniq form that issues by itself."""

    def __init__(
        self,
        *,
        admission: Admission,
        barcodes: Barcodes,
        lookups: Lookups,
        clock: Clock,
        timing: Timing,
    ) -> None:
        """Look up by these questions."""
        self._admission = admission
        self._barcodes = barcodes
        self._lookups = lookups
        self._clock = clock
        self._timing = timing

    def precheck(self, issuances: Sequence[Issuance], *, run: Invocation) -> list[Issuance]:
        """Adopt what is there already; returns those that must be requested.

        What could not be asked for lack of time waits in the ledger. Asking ends while there is
        time to request the others: an answer is worth nothing to a later invocation.
        """
        answers: dict[str, Seen] = {}
        for account, group in by_account(issuances):
            answers |= {
                issuance.key: found
                for issuance, found in self._lookups.ask(
                    account, group, self._existing, run=run, room=self._timing.room_to_post
                )
            }
        now = self._clock.now()
        adopted = {
            issuance.key: barcode
            for issuance in issuances
            if (barcode := usable(_barcodes(answers, issuance), issuance, today=now.date()))
        }
        vain = {key: seen for key, seen in answers.items() if isinstance(seen, ContractBroken)}
        vain = {key: broken for key, broken in vain.items() if key not in adopted}
        self._adopt([one for one in issuances if one.key in adopted], adopted, now, run)
        self._wait([one for one in issuances if one.key not in answers], now, run)
        look_again(
            issuances, vain, admission=self._admission, timing=self._timing, now=now, run=run
        )
        missing = answers.keys() - adopted.keys() - vain.keys()
        return [one for one in issuances if one.key in missing]

    def _existing(self, issuance: Issuance, until: datetime) -> Seen:
        return usable_or_not(
            lambda: self._barcodes.existing(
                account=issuance.account, request=issuance.request, deadline=until
            )
        )

    def _adopt(
        self,
        issuances: Sequence[Issuance],
        barcodes: Mapping[str, Barcode],
        now: datetime,
        run: Invocation,
    ) -> None:
        publish_by = now + timedelta(seconds=self._timing.publish_grace)

        def issued(one: Issuance) -> Issuance:
            barcode = barcodes[one.key]
            return one.issued(
                barcode=barcode, origin=_origin(barcode, one), now=now, publish_by=publish_by
            )

        adopted = self._admission.admit(issuances, issued, now=now, run=run)
        run.count(Metric.ADOPTED, len(adopted))

    def _wait(self, issuances: Sequence[Issuance], now: datetime, run: Invocation) -> None:
        until = now + timedelta(seconds=self._timing.backoff)

        def postponed(one: Issuance) -> Issuance:
            return waiting_for_a_look(one, now=now, until=until, why=NOT_LOOKED_UP)

        run.count(Metric.POSTPONED, len(issuances))
        said = [one for one in issuances if one.looks_first]
        unsaid = [one for one in issuances if not one.looks_first]
        self._admission.make_due(said, until=until, run=run)
        self._admission.admit(unsaid, postponed, now=now, run=run)


def _origin(barcode: Barcode, issuance: Issuance) -> Origin:
    """Tell what an attempt has made that a restored table has forgotten from what others made."""
    is_ours = is_same_reference(barcode.tracking_code, issuance.tracking_code)
    return Origin.RECONCILED if is_ours else Origin.EXISTING


def _barcodes(answers: Mapping[str, Seen], issuance: Issuance) -> Sequence[Barcode]:
    return barcodes_in(answers.get(issuance.key, ()))
