"""The table deletes expired rows, and a later sign-up of the customer gets no second barcode."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from couponbus.aws.ledger import retention
from couponbus.domain.issuing import audit, lookup
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.row import Row
from tests.simulation.expiring import run_expired, run_retained
from tests.simulation.mutant import Mutant, Patch
from tests.simulation.tally import Tally

SEEDS = 30
RETAINED = 20
DELETED = ("Resolution", "Rejection", "UnmatchedSignUp", "UnmatchedTally")

type Since = Callable[[Issuance], datetime | None]


def _issuances_expire(*, after: timedelta, since: Since) -> Patch:
    kept_until = retention.kept_until

    def forgetful(row: Row, *, decided: timedelta | None = None) -> datetime | None:
        if isinstance(row, Issuance) and (begin := since(row)) is not None:
            return begin + after
        return kept_until(row, decided=decided)

    return Patch(retention, "kept_until", forgetful)


def _refused_before(row: Issuance) -> datetime | None:
    """Return when a row was refused that is open again."""
    if row.is_final:
        return None
    return next((step.at for step in row.trail if step.what == "refused"), None)


def _of_none_that_was_deleted(one: Barcode, issuance: Issuance) -> bool:
    return False


FORGETFUL = Mutant(
    name="an issuance expires as what was published does",
    shows=("I1",),
    patches=(_issuances_expire(after=retention.PUBLISHED, since=lambda row: row.decided_at),),
)
UNDECIDED = Mutant(
    name="an issuance expires whether it is decided or not",
    shows=("I1",),
    patches=(_issuances_expire(after=retention.DECIDED_LEAST, since=lambda row: row.trail[0].at),),
)
REOPENED = Mutant(
    name="an issuance that is reopened keeps its expiry",
    shows=("I2",),
    patches=(_issuances_expire(after=retention.DECIDED_LEAST, since=_refused_before),),
)
REMEMBERED = Mutant(
    name="the barcode of a deleted issuance is taken for that of the next one",
    shows=("I1", "I3"),
    patches=(
        Patch(lookup, "is_of_a_deleted_issuance", _of_none_that_was_deleted),
        Patch(audit, "is_of_a_deleted_issuance", _of_none_that_was_deleted),
    ),
)


def test_no_seed_breaks_an_invariant_when_rows_expire() -> None:
    tally = Tally()
    for seed in range(SEEDS):
        tally.add(run_expired(seed))

    assert tally.failures == []
    assert tally.figures["barcodes"] > SEEDS
    assert {f"deleted {kind}" for kind in DELETED} <= set(tally.steps)


def test_no_seed_breaks_an_invariant_when_decided_issuances_expire_as_well() -> None:
    tally = Tally()
    for seed in range(RETAINED):
        tally.add(run_retained(seed))

    assert tally.failures == []
    assert tally.steps["deleted Issuance"] > RETAINED
    assert {"Issuance reopened", "Issuance issued"} <= set(tally.steps)


def test_an_issuance_that_expires_is_noticed() -> None:
    assert FORGETFUL.first_shown(range(SEEDS), run_expired) is not None


@pytest.mark.parametrize(
    ("mutant", "first"),
    [(UNDECIDED, 0), (REOPENED, 317), (REMEMBERED, 488)],
    ids=["undecided", "reopened", "remembered"],
)
def test_an_issuance_that_expires_wrongly_is_noticed(mutant: Mutant, first: int) -> None:
    assert mutant.first_shown(range(first, first + SEEDS), run_retained) is not None


def test_one_expired_seed() -> None:
    """Replays EXPIRED_SEED, if it is given."""
    report = run_expired(int(os.environ.get("EXPIRED_SEED", "0")))
    assert list(report.violations) == []


def test_one_retained_seed() -> None:
    """Replays RETAINED_SEED, if it is given."""
    report = run_retained(int(os.environ.get("RETAINED_SEED", "0")))
    assert list(report.violations) == []
