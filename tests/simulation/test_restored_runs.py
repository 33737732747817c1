"""A table is restored to an earlier hour in a run: no customer gets two barcodes."""

import os
from collections.abc import Callable

import pytest

from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.restore import Restore
from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus.usecases.issuing.after_restore import AfterRestore
from couponbus.usecases.issuing.last_restore import LastRestore
from tests.simulation import restoring
from tests.simulation.mutant import Mutant, Patch
from tests.simulation.restoring import COPIES, run_restored
from tests.simulation.tally import Tally
from tests.thorough import amount

SEEDS = amount(40, few=20)
WITHIN = 100  # seeds


def _after_an_attempt_it_is_known() -> Patch:
    may_have_forgotten = Restore.may_have_forgotten

    def only_fresh(self: Restore, issuance: Issuance) -> bool:
        return issuance.attempt == 0 and may_have_forgotten(self, issuance)

    return Patch(Restore, "may_have_forgotten", only_fresh)


def _what_is_stored_is_known() -> Patch:
    may_have_forgotten = Restore.may_have_forgotten

    def only_stored(self: Restore, issuance: Issuance) -> bool:
        return issuance.revision > 0 and may_have_forgotten(self, issuance)

    return Patch(Restore, "may_have_forgotten", only_stored)


MUTANTS = {  # by the seed at which the search begins for one that shows the bug
    22: Mutant(
        name="the mark of a restore is ignored",
        shows=("I1",),
        patches=(Patch(LastRestore, "current", lambda _: None),),
    ),
    65: Mutant(
        name="what was tried before is not looked up after a restore",
        shows=("I1",),
        patches=(_after_an_attempt_it_is_known(),),
    ),
    15: Mutant(
        name="what the table does not know is not looked up after a restore",
        shows=("I1",),
        patches=(_what_is_stored_is_known(),),
    ),
    493: Mutant(
        name="what was kept is new when it is matched again after a restore",
        shows=("I1",),
        patches=(Patch(UnmatchedSignUp, "past", ()),),
    ),
    7046: Mutant(
        name="what was sent before a restore is looked up at once",
        shows=("I1",),
        patches=(Patch(AfterRestore, "_settled_at", lambda _, restore: restore.to),),
    ),
    340: Mutant(
        name="an open attempt is left to its batch after a restore",
        shows=("I2",),
        patches=(Patch(restoring, "_due_itself", lambda row, _: row),),
    ),
}


@pytest.mark.thorough
def test_no_seed_with_a_restore_breaks_an_invariant() -> None:
    tally = Tally()
    for seed in range(SEEDS):
        tally.add(run_restored(seed))

    assert tally.failures == []
    assert {f"restored {copy.__name__}" for copy in COPIES} <= set(tally.steps)
    assert tally.steps["matched again"]


@pytest.mark.parametrize("first", MUTANTS, ids=lambda first: MUTANTS[first].name)
def test_a_planted_mistake_about_restores_is_noticed(
    first: int, record_property: Callable[[str, object], None]
) -> None:
    report = MUTANTS[first].first_shown(range(first, first + WITHIN), run_restored)

    assert report is not None
    record_property("first failing seed", report.seed)


def test_one_restored_seed() -> None:
    """Replays RESTORED_SEED, if it is given."""
    report = run_restored(int(os.environ.get("RESTORED_SEED", "0")))
    assert list(report.violations) == []
