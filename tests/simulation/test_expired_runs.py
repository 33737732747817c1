"""The table deletes expired rows, and a later sign-up of the customer gets no second barcode."""

import os
from datetime import datetime

from couponbus.aws.ledger import retention
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.row import Row
from tests.simulation.expiring import run_expired
from tests.simulation.mutant import Mutant, Patch
from tests.simulation.tally import Tally

SEEDS = 30
DELETED = ("Resolution", "Rejection", "UnmatchedSignUp", "UnmatchedTally")


def _issuances_expire() -> Patch:
    kept_until = retention.kept_until

    def forgetful(row: Row) -> datetime | None:
        if isinstance(row, Issuance) and row.decided_at is not None:
            return row.decided_at + retention.PUBLISHED
        return kept_until(row)

    return Patch(retention, "kept_until", forgetful)


FORGETFUL = Mutant(
    name="an issuance expires as what was published does",
    shows=("I1",),
    patches=(_issuances_expire(),),
)


def test_no_seed_breaks_an_invariant_when_rows_expire() -> None:
    tally = Tally()
    for seed in range(SEEDS):
        tally.add(run_expired(seed))

    assert tally.failures == []
    assert tally.figures["barcodes"] > SEEDS
    assert {f"deleted {kind}" for kind in DELETED} <= set(tally.steps)


def test_an_issuance_that_expires_is_noticed() -> None:
    assert FORGETFUL.first_shown(range(SEEDS), run_expired) is not None


def test_one_expired_seed() -> None:
    """Replays EXPIRED_SEED, if it is given."""
    report = run_expired(int(os.environ.get("EXPIRED_SEED", "0")))
    assert list(report.violations) == []
