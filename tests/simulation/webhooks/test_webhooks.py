"""Webhooks under every kind of fault: W1 to W5, the schedule, health, replays."""

import os
from collections.abc import Iterable

import pytest

from tests.simulation.faults import CRASH_AFTER, CRASH_BEFORE, LOST, UNANSWERED
from tests.simulation.tally import Tally
from tests.simulation.webhooks.canonical import run_plan
from tests.simulation.webhooks.failing import run_failing
from tests.simulation.webhooks.isolation import run_isolated
from tests.simulation.webhooks.kinds import WEBHOOK_KINDS
from tests.simulation.webhooks.paced import run_paced
from tests.simulation.webhooks.seeds import run_webhooks
from tests.thorough import amount

SEEDS = 20
MANY = amount(40, few=25)
# Seeds in which a worker once sent to an endpoint that it had just read as paused, or disabled.
KEPT = (501_385, 501_958)
CRASHES = 20
SUFFERED = 0.75  # of all kinds; the rest needs more seeds, and the soak meets it
OUTCOMES = (CRASH_BEFORE, CRASH_AFTER, LOST, UNANSWERED)
APART = amount(3, few=6)
SCHEDULE = 75  # hours from the first attempt to the last
STEPS = {
    "Delivery delivered",
    "Delivery failed",
    "Delivery given up",
    "Delivery sent again",
    "Endpoint failing",
    "Endpoint recovered",
    "Endpoint slow",
    "Endpoint disabled",
    "Endpoint paused",
    "Endpoint resumed",
    "Endpoint secret rotated",
    "Endpoint removed",
    "killed at the deadline",
}


def tally_of(seeds: Iterable[int]) -> Tally:
    tally = Tally()
    for seed in seeds:
        tally.add(run_webhooks(seed))
    return tally


@pytest.mark.thorough
def test_no_seed_breaks_an_invariant_and_every_step_is_taken() -> None:
    tally = tally_of([*KEPT, *range(SEEDS, SEEDS + MANY - len(KEPT))])

    assert tally.failures == []
    assert tally.figures["simulated hours"] > MANY * SCHEDULE
    kinds = {f"{name}: {kind}" for name, kinds in WEBHOOK_KINDS.items() for kind in kinds}
    assert len(kinds & set(tally.faults)) >= SUFFERED * len(kinds)
    assert STEPS - set(tally.steps) == set()
    assert tally.crashes > CRASHES


def test_the_same_seed_is_the_same_run() -> None:
    first, second = run_webhooks(7), run_webhooks(7)

    assert first.trace == second.trace
    assert len(first.trace) > 100


def test_without_faults_everything_happens_that_can() -> None:
    report = run_plan({})

    assert list(report.violations) == []
    assert STEPS - {"Endpoint slow", "Endpoint removed", "killed at the deadline"} <= set(
        report.steps
    )


@pytest.mark.thorough
def test_crashes_and_all_outcomes_of_writes_are_survived_at_any_call() -> None:
    """A part of the points; random runs cover the rest."""
    calm = run_plan({})
    plans = [
        {point: kind}
        for point, name in enumerate(calm.names, start=1)
        for kind in WEBHOOK_KINDS[name]
        if kind in OUTCOMES
    ][::APART]

    broken = {
        str(plan): list(report.violations)
        for plan in plans
        if (report := run_plan(plan)).violations or report.plan != plan
    }

    assert len(plans) > 1.5 / APART * len(calm.names)
    assert broken == {}


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(amount(3, few=1)))
def test_endpoints_in_trouble_delay_no_other_endpoint(seed: int) -> None:
    assert list(run_isolated(seed).violations) == []


def test_an_endpoint_that_fails_for_five_days_is_disabled_and_that_is_published() -> None:
    report = run_failing(0)

    assert list(report.violations) == []
    assert report.steps["Endpoint disabled"] == 1


def test_very_much_at_once_comes_at_the_rate_of_the_endpoint() -> None:
    assert list(run_paced(0).violations) == []


def test_one_seed() -> None:
    """Replays HOOK_SEED, if it is given."""
    report = run_webhooks(int(os.environ.get("HOOK_SEED", "0")))

    assert list(report.violations) == []
