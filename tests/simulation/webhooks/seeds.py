"""A run of webhooks for a number, from which all of it is drawn."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tests.simulation.conditions import Conditions, drawn_conditions
from tests.simulation.faults import Faults, swarm
from tests.simulation.webhooks.behaviours import HOUR
from tests.simulation.webhooks.drawing import drawn
from tests.simulation.webhooks.kinds import WEBHOOK_KINDS, WEBHOOK_RATES
from tests.simulation.webhooks.report import WebhookReport
from tests.simulation.webhooks.run import WebhookRun
from tests.simulation.webhooks.scenario import Scenario
from tests.simulation.webhooks.verdict import WebhookVerdict

CHAOS = (900.0, 3 * HOUR, 76 * HOUR, 150 * HOUR)  # how long faults last


def conditions_of(seed: int | str) -> Conditions:
    """Return the conditions of a seed."""
    chance = Random(f"webhook conditions {seed}")
    return replace(drawn_conditions(seed), chaos=chance.choice(CHAOS))


def run_webhooks(seed: int) -> WebhookReport:
    """Run a seed under its own faults."""
    faults = swarm(seed, kinds=WEBHOOK_KINDS, rates=WEBHOOK_RATES)
    return simulate_webhooks(drawn(seed), conditions_of(seed), seed=seed, faults=faults)


def simulate_webhooks(
    scenario: Scenario, conditions: Conditions, *, seed: int | str, faults: Faults
) -> WebhookReport:
    """Run a scenario and judge it."""
    run = WebhookRun(scenario, conditions, seed=seed, faults=faults)
    run.go()
    return reported(run, seed=seed)


def reported(run: WebhookRun, *, seed: int | str, more: Sequence[str] = ()) -> WebhookReport:
    """Return the report of a finished run; `more` are violations found elsewhere."""
    found = [*run.witness.violations, *WebhookVerdict(run).problems(), *more]
    return report_of(run, seed=seed, violations=found)


def report_of(run: WebhookRun, *, seed: int | str, violations: Sequence[str]) -> WebhookReport:
    """Return the counts of a run with its violations."""
    witness, world = run.witness, run.world
    return WebhookReport(
        seed=seed,
        violations=violations,
        plan=world.faults.suffered,
        faults=world.faults.counts,
        steps=world.steps,
        calls=world.calls,
        crashes=world.crashes,
        names=world.names,
        trace=world.trace,
        published=len(run.rule.first),
        deliveries=len(run.delivery_rows()),
        requests=len(witness.requests),
        hours=world.now / HOUR,
    )
