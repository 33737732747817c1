"""Unusable answers to look-ups: retried with growing pauses, then left to an operator."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from couponbus.domain.errors import ContractBroken
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.look_up_results import failed_look_up, nothing_proven
from couponbus.domain.issuing.lookup import FilterIgnored
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.timing import Timing
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.issuing.admission import Admission
from couponbus.usecases.rate_limited_calls import usable_or_not

type Seen = Sequence[Barcode] | ContractBroken


def looked_up(
    look_up: Callable[..., Sequence[Barcode]], issuance: Issuance, until: datetime
) -> Seen:
    """Look up by a method of `ports.issuing.Barcodes`; return the error of an unusable answer."""
    return usable_or_not(
        lambda: look_up(account=issuance.account, request=issuance.request, deadline=until)
    )


def with_failure[R: (Issuance, Resolution)](row: R, *, now: datetime, run: Invocation) -> R:
    """Return a row that was not looked up, with a step if look-ups of its account failed."""
    why = run.failed_look_ups.get(row.account)
    return row if why is None else failed_look_up(row, why=why, now=now)


def barcodes_in(seen: Seen) -> Sequence[Barcode]:
    """Return the barcodes of an answer, also if it lists others that were not asked for."""
    if isinstance(seen, FilterIgnored):
        return seen.barcodes
    return () if isinstance(seen, ContractBroken) else seen


def postpone_look_ups(
    issuances: Sequence[Issuance],
    unproven: Mapping[str, ContractBroken],
    *,
    admission: Admission,
    timing: Timing,
    now: datetime,
    run: Invocation,
) -> None:
    """Store those whose look-up proved nothing; `unproven` has their answers by their keys."""

    def postponed(one: Issuance) -> Issuance:
        return nothing_proven(one, why=unproven[one.key].reason, now=now, timing=timing)

    rows = [one for one in issuances if one.key in unproven]
    stored = admission.admit(rows, postponed, now=now, run=run)
    ended = {one.key for one in stored if one.state is IssuanceState.AMBIGUOUS}
    run.count(Metric.CONTRACT_BROKEN, len(rows))
    run.count(Metric.AMBIGUOUS, len(ended))
    run.count(Metric.POSTPONED, len(rows) - len(ended))
    run.leave_waiting(one for one in rows if one.key not in ended)
