"""Storing the word of a gate: no barcode, and why; nothing is sent to anybody but the bus."""

from collections.abc import Sequence
from datetime import timedelta

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuance import Issuance
from couponbus.domain.program import Refusal
from couponbus.domain.resolution import Resolution
from couponbus.domain.timing import Timing
from couponbus.ports import Clock
from couponbus.usecases.admission import Admission
from couponbus.usecases.enrolment import Enrolled
from couponbus.usecases.round import Round
from couponbus.usecases.store import Store
from couponbus.usecases.tally import Count

type Refused = tuple[Enrolled, Refusal]


class Refusing:
    """Refuses what was not sent yet; a customer who comes back with what was missing may."""

    def __init__(self, *, store: Store, admission: Admission, clock: Clock, timing: Timing) -> None:
        """Store refusals in this ledger."""
        self._store = store
        self._admission = admission
        self._clock = clock
        self._timing = timing

    def refuse(self, refused: Sequence[Refused], *, turn: Round) -> None:
        """Store each refusal with its reason."""
        now = self._clock.now()
        publish_by = now + timedelta(seconds=self._timing.publish_grace)
        reasons = {row.key: reason for row, reason in refused}
        turn.count(Count.REFUSED, len(refused))

        def rejected(one: Issuance) -> Issuance:
            return one.rejected(reason=reasons[one.key], now=now, publish_by=publish_by)

        issuances = [row for row, _ in refused if isinstance(row, Issuance)]
        self._admission.admit(issuances, rejected, now=now, turn=turn)
        resolutions = [
            row.refused(reason=reason, now=now, publish_by=publish_by)
            for row, reason in refused
            if isinstance(row, Resolution)
        ]
        try:
            turn.lose(self._store.write(resolutions).broken_of(resolutions))
        except LedgerUnavailable:
            turn.lose(resolutions)
