"""Operators and deployments change things in the middle of a run, and no invariant is violated."""

import os
from collections.abc import Callable

import pytest

from couponbus.usecases.issuing import issue_barcodes, refuse
from tests.simulation.mutant import Mutant, Patch
from tests.simulation.operated import run_operated
from tests.simulation.tally import Tally
from tests.thorough import amount

SEEDS = amount(50, few=25)
WITHIN = 100  # seeds
ACTS = {
    "remove",
    "remove_for_good",
    "rename",
    "narrow",
    "move_to_another_offer",
    "ask_for_more",
    "change_accounts",
    "deploy",
    "roll_back",
    "met a row of a newer version",
}
MUTANTS = {  # by the seed at which the search begins for one that shows the bug
    199: Mutant(
        name="a program that is gone for a minute refuses for good",
        shows=("I2",),
        patches=(Patch(refuse, "_may_come_back", lambda *_, **__: False),),
    ),
    43: Mutant(
        name="a row goes with its program although another one owes the same",
        shows=("I2",),
        patches=(Patch(issue_barcodes, "in_force", lambda row, *_, **__: row),),
    ),
}


def tally_of(seeds: range) -> Tally:
    tally = Tally()
    for seed in seeds:
        tally.add(run_operated(seed))
    return tally


@pytest.mark.thorough
def test_no_seed_with_operators_breaks_an_invariant() -> None:
    tally = tally_of(range(SEEDS))

    assert tally.failures == []
    assert tally.figures["barcodes"] > SEEDS
    assert {f"operator {act}" for act in ACTS} <= set(tally.steps)


@pytest.mark.parametrize("first", MUTANTS, ids=lambda first: MUTANTS[first].name)
def test_a_planted_mistake_about_changes_is_noticed(
    first: int, record_property: Callable[[str, object], None]
) -> None:
    report = MUTANTS[first].first_shown(range(first, first + WITHIN), run_operated)

    assert report is not None
    record_property("first failing seed", report.seed)


def test_one_operated_seed() -> None:
    """Replays OPERATED_SEED, if it is given."""
    report = run_operated(int(os.environ.get("OPERATED_SEED", "0")))
    assert list(report.violations) == []
