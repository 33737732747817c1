"""How long the first attempt at a healthy endpoint takes beside endpoints in trouble (W3)."""

from collections.abc import Iterator, Sequence
from random import Random

from couponbus.aws.ledger.statements import STATEMENTS_PER_CALL
from tests.simulation.conditions import Conditions
from tests.simulation.faults import Swarm
from tests.simulation.functions import Habits
from tests.simulation.polling.story import story
from tests.simulation.webhooks.report import WebhookReport
from tests.simulation.webhooks.run import WebhookRun
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
from tests.simulation.webhooks.seeds import report_of

HEALTHY = 2
TROUBLED = (Behaviour.SILENT, Behaviour.SILENT, Behaviour.SILENT, Behaviour.SLOW, Behaviour.SLOW)
EVENTS = 120
BEGINS, LASTS, LINGERS = 60.0, 1200.0, 300.0
SHARE = 1.1
# Two runs draw other windows and delays: their 95th percentiles differ by up to 0.15 s when no
# endpoint is in trouble (20 seeds). Half a window is more, and little beside a time limit.
SLACK = 0.25
CALM = Conditions(
    habits=Habits(concurrency=2, batch=10, window=0.5, warm=1.0, skew=2.0, stream_tries=3),
    chunk=STATEMENTS_PER_CALL,
    index_lag=0.0,
    chaos=LASTS,
)


def run_isolated(seed: int) -> WebhookReport:
    """Run a seed with and without endpoints in trouble, otherwise without faults."""
    alone, beside = _run(seed, ()), _run(seed, TROUBLED)
    usual, now = p95(waits(alone)), p95(waits(beside))
    found = list(beside.witness.violations)
    if now > usual * SHARE + SLACK:
        found.append(f"W3 95 of 100 wait {now:.2f} s instead of {usual:.2f} s")
    return report_of(beside, seed=seed, violations=found)


def waits(run: WebhookRun) -> Sequence[float]:
    """Return the sorted seconds from the bus to the first attempt, for all healthy endpoints."""
    return sorted(_waits(run))


def p95(seconds: Sequence[float]) -> float:
    return seconds[int(len(seconds) * 0.95)]


def _run(seed: int, others: Sequence[Behaviour]) -> WebhookRun:
    faults = Swarm({}, seed=seed, again=0.0)
    run = WebhookRun(_scenario(seed, others), CALM, seed=seed, faults=faults)
    run.go_until(BEGINS + LASTS + LINGERS)
    return run


def _waits(run: WebhookRun) -> Iterator[float]:
    known: set[str] = set()
    for request in run.witness.requests:
        if request.key not in known and request.endpoint_id.startswith("healthy"):
            yield request.at - run.rule.arrived[request.event_id]
        known.add(request.key)


def _scenario(seed: int, others: Sequence[Behaviour]) -> Scenario:
    chance = Random(f"isolation {seed}")
    subscribers = [_subscriber(f"healthy-{number}", Behaviour.WELL) for number in range(HEALTHY)]
    subscribers += [
        _subscriber(f"other-{number}", behaviour) for number, behaviour in enumerate(others)
    ]
    return Scenario(
        subscribers=subscribers,
        events=[
            PlannedEvent(
                number=number,
                at=BEGINS + chance.uniform(0.0, LASTS),
                tenant=TENANTS[0],
                kind=Kind.REJECTED,
                program=PROGRAMS[0],
            )
            for number in range(EVENTS)
        ],
        tasks=[
            OperatorTask(at=0.0, task=Task.ADD, endpoint_id=one.endpoint_id) for one in subscribers
        ],
    )


def _subscriber(endpoint_id: str, behaviour: Behaviour) -> Subscriber:
    return Subscriber(
        endpoint_id=endpoint_id, tenant=TENANTS[0], filter=FILTERS[0], behaviours=story(behaviour)
    )
