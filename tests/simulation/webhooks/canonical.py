"""The smallest run in which everything happens to webhooks: sent, retried, kept, replayed."""

from dataclasses import replace

from couponbus.aws.ledger.statements import STATEMENTS_PER_CALL
from couponbus.usecases.webhooks.replay_selection import Which
from tests.simulation.conditions import Conditions
from tests.simulation.faults import UNANSWERED, Planned
from tests.simulation.functions import Habits
from tests.simulation.polling.story import story
from tests.simulation.webhooks.kinds import WEBHOOK_KINDS
from tests.simulation.webhooks.report import WebhookReport
from tests.simulation.webhooks.scenario import (
    FILTERS,
    PROGRAMS,
    TENANTS,
    Behaviour,
    Kind,
    OperatorTask,
    PlannedEvent,
    Resending,
    Scenario,
    Subscriber,
    Task,
)
from tests.simulation.webhooks.seeds import simulate_webhooks

DISCARDED = "discarded"
CONDITIONS = Conditions(
    habits=Habits(concurrency=2, batch=10, window=0.5, warm=1.0, skew=2.0, stream_tries=3),
    chunk=STATEMENTS_PER_CALL,
    index_lag=0.0,
    chaos=3600.0,
)


def canonical() -> Scenario:
    """One endpoint that fails once and is paused, and one that is gone for a while."""
    shop = Subscriber(
        endpoint_id="shop",
        tenant=TENANTS[0],
        filter=FILTERS[0],
        scopes=("barcode:read",),
        rate=5,
        behaviours=story(Behaviour.WELL, (50.0, Behaviour.BROKEN), (100.0, Behaviour.WELL)),
    )
    gone = replace(
        shop,
        endpoint_id="gone",
        scopes=(),
        rate=None,
        behaviours=story(Behaviour.GONE, (200.0, Behaviour.WELL)),
        resumed_after=20.0,
    )
    issued = PlannedEvent(
        number=1, at=60.0, tenant=shop.tenant, kind=Kind.ISSUED, program=PROGRAMS[0]
    )
    again = Resending(
        at=600.0,
        tenant=shop.tenant,
        since=0.0,
        until=500.0,
        kind=None,
        endpoint_id=None,
        which=Which.ALL,
        rate=1,
    )
    return Scenario(
        subscribers=[shop, gone],
        events=[
            issued,
            replace(issued, number=2, at=298.5, kind=Kind.REJECTED),  # just before the pause
            replace(issued, number=3, at=330.0, kind=Kind.REFUSED),
        ],
        tasks=[
            OperatorTask(at=0.0, task=Task.ADD, endpoint_id="shop"),
            OperatorTask(at=1.0, task=Task.ADD, endpoint_id="gone"),
            OperatorTask(at=300.0, task=Task.PAUSE, endpoint_id="shop"),
            OperatorTask(at=360.0, task=Task.ROTATE, endpoint_id="gone"),
            OperatorTask(at=400.0, task=Task.RESUME, endpoint_id="shop"),
        ],
        resendings=[again, replace(again, at=601.5)],
        garbage=[(330.0, "no json")],
    )


def run_plan(plan: dict[int, str]) -> WebhookReport:
    """Run the canonical scenario under exactly these faults."""
    faults = Planned(plan, kinds=WEBHOOK_KINDS)
    return simulate_webhooks(canonical(), CONDITIONS, seed="canonical", faults=faults)


def run_calm(_: int) -> WebhookReport:
    """Run the canonical scenario without faults."""
    return run_plan({})


def run_point(point: int, *, fault: str) -> WebhookReport:
    """Run the canonical scenario with one fault, at this call of a port if it can occur there."""
    return run_plan({point: fault})


def run_discarded(point: int) -> WebhookReport:
    """Run so that the answer to publishing the disabling is lost, and the stream gives up then."""
    publishing = [
        number for number, name in enumerate(run_plan({}).names, start=1) if name == "bus.publish"
    ]
    return run_plan({publishing[1]: UNANSWERED, point: DISCARDED})
