"""A run of polling for a number, from which all of it is drawn."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tests.simulation.conditions import drawn_conditions
from tests.simulation.faults import Faults, swarm
from tests.simulation.polling.calm import disturbed
from tests.simulation.polling.drawing import drawn, is_crowded
from tests.simulation.polling.kinds import ANSWER_RATES, POLL_KINDS, POLL_RATES
from tests.simulation.polling.late import with_late_first_polls
from tests.simulation.polling.report import PollReport
from tests.simulation.polling.run import PollConditions, PollRun
from tests.simulation.polling.scenario import Scenario
from tests.simulation.polling.verdict import PollVerdict

SHORTEST, LONGEST = 400.0, 2200.0  # how long faults last, in seconds


def conditions_of(seed: int | str) -> PollConditions:
    """Return the conditions of a seed."""
    chance = Random(f"polling conditions {seed}")
    usual = drawn_conditions(seed)
    crowded = is_crowded(seed)
    return PollConditions(
        habits=replace(
            usual.habits,
            batch=1 if crowded else usual.habits.batch,
            window=0.5 if crowded else usual.habits.window,
            concurrency=4 if crowded else usual.habits.concurrency,
        ),
        chunk=usual.chunk,
        index_lag=usual.index_lag,
        chaos=chance.uniform(SHORTEST, LONGEST),
        late=chance.choice((3.0, 9.0) if crowded else (0.0, 0.0, 3.0)),
        every=chance.choice((60.0, 180.0, 300.0)),
        threads=chance.choice((1, 1, 2, 4)),
    )


def run_polls(seed: int) -> PollReport:
    """Run a seed under its own faults."""
    scenario = with_late_first_polls(drawn(seed), seed)
    faults = swarm(seed, kinds=POLL_KINDS, rates=POLL_RATES, own_rates=ANSWER_RATES)
    return simulate_polls(scenario, conditions_of(seed), seed=seed, faults=faults)


def simulate_polls(
    scenario: Scenario, conditions: PollConditions, *, seed: int | str, faults: Faults
) -> PollReport:
    """Run a scenario and judge it."""
    run = PollRun(scenario, conditions, seed=seed, faults=faults)
    run.go()
    return reported(run, seed=seed)


def reported(run: PollRun, *, seed: int | str, more: Sequence[str] = ()) -> PollReport:
    """Return the report of a finished run; `more` are violations found elsewhere."""
    witness, world = run.witness, run.world
    violations = [*witness.violations, *PollVerdict(run).problems(), *more]
    if not violations:
        violations += disturbed(run)
    return PollReport(
        seed=seed,
        violations=violations,
        plan=world.faults.suffered,
        faults=world.faults.counts,
        steps=world.steps,
        calls=world.calls,
        crashes=world.crashes,
        names=world.names,
        trace=world.trace,
        polls=len(witness.polls),
        published=sum(len(each) for each in witness.redemption_changes.values()),
        watches=len(run.watches.all()),
    )
