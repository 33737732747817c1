"""Answers to look-ups that cannot be used: asked again ever more rarely, then left to a human."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from couponbus.domain.errors import ContractBroken, GatewayAnswered
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.looks import nothing_proven
from couponbus.domain.issuing.lookup import FilterIgnored
from couponbus.domain.timing import Timing
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.issuing.admission import Admission
from couponbus.usecases.metrics import Metric

type Seen = Sequence[Barcode] | ContractBroken


def usable_or_not[A](question: Callable[[], A]) -> A | ContractBroken:
    """Ask; an answer that cannot be used is returned, as others may still be asked about.

    Raises ProviderError, also GatewayAnswered: that is the trouble of the whole account.
    """
    try:
        return question()
    except GatewayAnswered:
        raise
    except ContractBroken as broken:
        return broken


def barcodes_in(seen: Seen) -> Sequence[Barcode]:
    """Return what an answer shows, if only among others."""
    if isinstance(seen, FilterIgnored):
        return seen.barcodes
    return () if isinstance(seen, ContractBroken) else seen


def looked_in_vain(
    issuance: Issuance, broken: ContractBroken, *, timing: Timing, now: datetime
) -> Issuance:
    """Return it as one to be looked up again later, or left to a human after long enough."""
    return nothing_proven(
        issuance,
        why=broken.reason,
        now=now,
        pause=timedelta(seconds=timing.between_looks),
        longest=timedelta(seconds=timing.backoff_cap),
        gap=timing.longest_silence,
        patience=timedelta(seconds=timing.resolve_for),
        publish_by=now + timedelta(seconds=timing.publish_grace),
    )


def look_again(
    issuances: Sequence[Issuance],
    vain: Mapping[str, ContractBroken],
    *,
    admission: Admission,
    timing: Timing,
    now: datetime,
    run: Invocation,
) -> None:
    """Store those that were looked up in vain; `vain` has their answers by their keys."""

    def unproven(one: Issuance) -> Issuance:
        return looked_in_vain(one, vain[one.key], timing=timing, now=now)

    asked = [one for one in issuances if one.key in vain]
    stored = admission.admit(asked, unproven, now=now, run=run)
    ended = sum(one.state is IssuanceState.AMBIGUOUS for one in stored)
    run.count(Metric.CONTRACT_BROKEN, len(asked))
    run.count(Metric.AMBIGUOUS, ended)
    run.count(Metric.POSTPONED, len(asked) - ended)
