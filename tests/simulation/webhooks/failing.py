"""An endpoint that fails for days beside a healthy one, without any other fault."""

from dataclasses import replace

from tests.simulation.faults import Swarm
from tests.simulation.polling.story import story
from tests.simulation.webhooks.behaviours import DAY, HOUR
from tests.simulation.webhooks.isolation import CALM
from tests.simulation.webhooks.report import WebhookReport
from tests.simulation.webhooks.scenario import (
    FILTERS,
    PROGRAMS,
    TENANTS,
    Behaviour,
    Kind,
    OperatorTask,
    PlannedEvent,
    Scenario,
    Subscriber,
    Task,
)
from tests.simulation.webhooks.seeds import simulate_webhooks

EVERY = 9 * HOUR
EVENTS = 16  # six days of them
CONDITIONS = replace(CALM, chaos=7 * DAY)


def run_failing(seed: int) -> WebhookReport:
    """Run a seed; after five days no request is sent to the failing endpoint."""
    faults = Swarm({}, seed=seed, again=0.0)
    return simulate_webhooks(_scenario(), CONDITIONS, seed=seed, faults=faults)


def _scenario() -> Scenario:
    well = Subscriber(
        endpoint_id="well", tenant=TENANTS[0], filter=FILTERS[0], behaviours=story(Behaviour.WELL)
    )
    broken = replace(well, endpoint_id="broken", behaviours=story(Behaviour.BROKEN))
    return Scenario(
        subscribers=[well, broken],
        events=[
            PlannedEvent(
                number=number,
                at=60.0 + EVERY * number,
                tenant=well.tenant,
                kind=Kind.REJECTED,
                program=PROGRAMS[0],
            )
            for number in range(EVENTS)
        ],
        tasks=[
            OperatorTask(at=0.0, task=Task.ADD, endpoint_id=one.endpoint_id)
            for one in (well, broken)
        ],
    )
