"""Random runs of polling: nothing missed, doubled or invented (docs/reliability.md#invariants)."""

import os
from collections.abc import Iterable

import pytest

from couponbus.domain.provider import Provider
from tests.simulation.faults import CRASH_BEFORE
from tests.simulation.polling.backfilled import run_backfilled
from tests.simulation.polling.canonical import run_plan
from tests.simulation.polling.heavy import run_heavy
from tests.simulation.polling.kinds import POLL_KINDS
from tests.simulation.polling.mutants_of_comparing import UNBOUNDED
from tests.simulation.polling.seeds import run_polls
from tests.simulation.tally import Tally
from tests.thorough import amount

SEEDS = 100
MANY = amount(50, few=30)
CUT = (102879, 103422, 103904, 104002)  # seeds with lists that are cut, as totals do not tell
CRASHES = 20
SUFFERED = amount(75, few=60) / 100  # of all kinds; more seeds meet the rest


def tally_of(seeds: Iterable[int]) -> Tally:
    tally = Tally()
    for seed in seeds:
        tally.add(run_polls(seed))
    return tally


@pytest.mark.thorough
def test_no_seed_breaks_an_invariant_and_most_kinds_of_faults_are_suffered() -> None:
    tally = tally_of((*range(SEEDS, SEEDS + MANY), *CUT))

    assert tally.failures == []
    kinds = {f"{name}: {kind}" for name, kinds in POLL_KINDS.items() for kind in kinds}
    assert len(kinds & set(tally.faults)) >= SUFFERED * len(kinds)
    assert tally.crashes > CRASHES


def test_the_same_seed_is_the_same_run() -> None:
    first, second = run_polls(7), run_polls(7)

    assert first.trace == second.trace
    assert len(first.trace) > 100


@pytest.mark.thorough
@pytest.mark.parametrize("provider", Provider)
def test_any_single_crash_is_survived(provider: Provider) -> None:
    calm = run_plan(provider, {})
    points = [
        point for point, name in enumerate(calm.names, start=1) if CRASH_BEFORE in POLL_KINDS[name]
    ][:: amount(1, few=3)]

    broken = {
        point: list(report.violations)
        for point in points
        if (report := run_plan(provider, {point: CRASH_BEFORE})).violations
    }

    assert list(calm.violations) == []
    assert len(points) > 20
    assert broken == {}


def test_a_watch_stays_small_however_often_its_customer_redeems() -> None:
    assert list(run_heavy(1).violations) == []

    with UNBOUNDED.planted():
        violations = list(run_heavy(1).violations)

    assert UNBOUNDED.shown_by(violations)


@pytest.mark.thorough
def test_sign_ups_beside_a_backfill_are_polled_soon_and_miss_nothing() -> None:
    broken = {
        seed: list(report.violations)
        for seed in range(amount(40, few=8))
        if (report := run_backfilled(seed)).violations
    }

    assert broken == {}


def test_one_seed() -> None:
    """Replays POLL_SEED, if it is given."""
    report = run_polls(int(os.environ.get("POLL_SEED", "0")))

    assert list(report.violations) == []
