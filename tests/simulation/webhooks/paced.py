"""Many events at once for an endpoint with a rate: they come neither faster nor slower."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace

from tests.simulation.faults import Swarm
from tests.simulation.ledger import Change
from tests.simulation.polling.story import story
from tests.simulation.webhooks.isolation import CALM
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
from tests.simulation.webhooks.seeds import reported

EVENTS = 300
RATE = 1  # a second
MINUTE = 60.0
LATE = 3 * MINUTE  # until the sweeper finds those that exceeded the rate, and again at the end
ROWS = 8  # written for each, for any number that waits
SLACK = 12  # clocks that differ by 2 s, and threads of an invocation that wait for each other
# Large batches, or none would have more deliveries than there are slots before its end.
CONDITIONS = replace(CALM, chaos=MINUTE, habits=replace(CALM.habits, batch=30, window=5.0))


def run_paced(seed: int) -> WebhookReport:
    """Run a seed without faults."""
    faults = Swarm({}, seed=seed, again=0.0)
    run = WebhookRun(_scenario(), CONDITIONS, seed=seed, faults=faults)
    written: list[Change] = []
    run.ledger.watchers.append(written.append)
    run.go()
    odd = [*_too_fast(run), *_too_slow(run), *_too_dear(len(written))]
    return reported(run, seed=seed, more=odd)


def _too_fast(run: WebhookRun) -> Iterator[str]:
    times = [request.at for request in run.witness.requests]
    for place, at in enumerate(times):
        number = bisect_left(times, at + MINUTE) - place
        if number > MINUTE * RATE + SLACK:
            yield f"W6 {number} requests in a minute, from {at:.0f} on"
            return


def _too_slow(run: WebhookRun) -> Iterator[str]:
    took = run.witness.requests[-1].at - run.witness.requests[0].at
    if took > EVENTS / RATE + LATE:
        yield f"W6 {EVENTS} requests took {took:.0f} seconds"


def _too_dear(written: int) -> Iterator[str]:
    if written > ROWS * EVENTS:
        yield f"W6 {written} rows were written for {EVENTS} deliveries"


def _scenario() -> Scenario:
    paced = Subscriber(
        endpoint_id="paced",
        tenant=TENANTS[0],
        filter=FILTERS[0],
        rate=RATE,
        behaviours=story(Behaviour.WELL),
    )
    return Scenario(
        subscribers=[paced],
        events=[
            PlannedEvent(
                number=number,
                at=30.0,
                tenant=TENANTS[0],
                kind=Kind.REJECTED,
                program=PROGRAMS[0],
            )
            for number in range(EVENTS)
        ],
        tasks=[OperatorTask(at=0.0, task=Task.ADD, endpoint_id=paced.endpoint_id)],
    )
