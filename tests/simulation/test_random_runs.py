"""Hundreds of seeds: no duplicate and no loss, whatever fails and whenever."""

import os

from couponbus_sandbox.simulator.wordings import Wording
from tests.simulation.crowd import EVERY, PEOPLE
from tests.simulation.faults import KINDS
from tests.simulation.lies import KEPT, LIES_OF_GET, LIES_OF_POST
from tests.simulation.seeds import run_seed
from tests.simulation.tally import Tally
from tests.simulation.vocabulary import GET_WORDS, POST_WORDS, STATUSES, SUCCESS, Effect

SEEDS = 2000
PART = 100
MANY = 4 * PART  # in which everything is met; `make soak` has time for more
NEVER_IN_RUNS = ("ledger.issuances",)  # the audit is no part of a run
STEPS = {
    "Issuance waiting",
    "Issuance requested",
    "Issuance issued",
    "Issuance refused",
    "Issuance ambiguous",
    "Issuance released",
    "Issuance unknown",
    "Issuance not found",
    "Issuance reopened",
    "Resolution waiting",
    "Resolution resolved",
    "Resolution refused",
    "Rejection rejected",
    "killed at the deadline",
    "swap lost",
}


def tally_of(seeds: range) -> Tally:
    tally = Tally()
    for seed in seeds:
        tally.add(run_seed(seed))
    return tally


def test_no_seed_breaks_an_invariant() -> None:
    tally = tally_of(range(PART))
    assert tally.failures == []
    assert tally.figures["barcodes"] > PART


def test_every_fault_is_suffered_and_every_step_is_taken() -> None:
    tally = tally_of(range(SEEDS, SEEDS + MANY))
    assert tally.failures == []
    kinds = {
        f"{name}: {kind}"
        for name, kinds in KINDS.items()
        if name not in NEVER_IN_RUNS
        for kind in kinds
    }
    assert kinds - set(tally.faults) == set()
    assert STEPS - set(tally.steps) == set()
    words = {kind.partition(": ")[2] for kind in tally.faults}
    for lies in (KEPT, LIES_OF_POST, LIES_OF_GET):
        assert set(lies) - words == set()
    met = [GET_WORDS[word] for word in words if word in GET_WORDS]
    met += [POST_WORDS[word] for word in words if word in POST_WORDS]
    assert {word.form for word in met} == {*Wording, SUCCESS}
    assert {word.effect for word in met} == {None, *Effect}
    assert len({word.status for word in met}) > len(STATUSES) * 0.6
    assert tally.crashes > PART


def test_a_crowd_is_served_but_for_the_one_that_spoils_each_batch() -> None:
    report = run_seed(EVERY - 1)
    assert list(report.violations) == []
    assert report.sign_ups == PEOPLE
    assert report.issued >= PEOPLE - 1


def test_one_seed() -> None:
    """Replays SIM_SEED, if it is given."""
    report = run_seed(int(os.environ.get("SIM_SEED", "0")))
    assert list(report.violations) == []
