"""What the product does, by step: each is done by the real functions, and has a bill.

After the last step of a scenario the sweeper looks for what is left to do, and that is part of it.
"""

import json
from collections.abc import Iterator, Sequence

from couponbus.domain.webhooks.retry_schedule import SCHEDULE
from couponbus_sandbox.uniqodo import NewRedemption, NewUser
from tests.benchmarks import load
from tests.benchmarks.bill import Bill
from tests.benchmarks.cost.deployment import Deployment
from tests.benchmarks.cost.simulators import TAKING
from tests.benchmarks.ours import PROMOTIONS
from tests.benchmarks.webhooks import functions
from tests.benchmarks.webhooks.events import envelope, new_event_id

type Bills = Iterator[tuple[str, Bill]]

FULL, SOME, FEW = 200, 20, 8
LATER = 600.0  # seconds, after which all that was begun is due
EVERYTHING = "{}"


def bills(stage: Deployment, *, some: int = SOME) -> Bills:
    """Yield the bill of each step, for one sign-up, watch, event or delivery; `some` together."""
    stage.sign_up(_sign_ups(stage, stage.customers(1), watches=2))
    stage.poll()
    stage.sweep(seconds=LATER)
    stage.know_idle_tick(seconds=LATER)
    yield from _signed_up(stage, 1)
    yield from _signed_up(stage, FEW)
    yield from _event(stage, some, "no endpoint")
    yield from _watched(stage, some)
    _subscribe(stage, 1)
    yield from _event(stage, some, "one endpoint")
    yield from _event_alone(stage)
    yield from _delivered(stage, some)
    _subscribe(stage, 3)
    yield from _event(stage, some, "three endpoints")
    yield from _watched_twice(stage, some)
    yield from _signed_up(stage, FULL)
    _subscribe(stage, 1, path="refusing")
    yield from _refused(stage, some)


def _signed_up(stage: Deployment, number: int) -> Bills:
    stage.begin()
    stage.sign_up(_sign_ups(stage, stage.customers(number)))
    stage.sweep(seconds=LATER)
    yield f"sign-up, {number} in a batch", stage.bill() / number


def _watched(stage: Deployment, some: int) -> Bills:
    """Sign customers up, look at what they have, look again, and see that they redeemed."""
    stage.begin()
    customers = stage.customers(some)
    stage.sign_up(_sign_ups(stage, customers, watches=1))
    signed_up = stage.bill() / some
    yield f"sign-up with a watch, {some} in a batch", signed_up
    stage.poll()
    stage.sweep(seconds=LATER)
    first = stage.bill() / some
    yield "first look at a watch", first
    yield "sign-up, watch and first look", signed_up + first
    yield "poll without news", _polled(stage) / some
    _redeem(stage, customers)
    yield "poll that finds a redemption, and its event", _polled(stage) / some


def _watched_twice(stage: Deployment, some: int) -> Bills:
    stage.begin()
    stage.sign_up(_sign_ups(stage, stage.customers(some), watches=2))
    yield f"sign-up with two watches, {some} in a batch", stage.bill() / some
    stage.poll()
    stage.sweep(seconds=LATER)


def _delivered(stage: Deployment, some: int) -> Bills:
    """Sign customers up, look at what they have, and send all events to an endpoint."""
    stage.begin()
    stage.sign_up(_sign_ups(stage, stage.customers(some), watches=1))
    stage.poll()
    stage.fan_out()
    stage.deliver()
    stage.sweep(seconds=LATER)
    assert len(stage.received()) == some
    yield "sign-up, watch, first look, event to an endpoint", stage.bill() / some


def _event(stage: Deployment, some: int, endpoints: str) -> Bills:
    """Send events to the endpoints, which take them."""
    stage.begin()
    stage.fan_out(_events(stage, some))
    yield f"event for {endpoints}", stage.bill() / some
    stage.deliver()
    stage.sweep(seconds=LATER)
    if len(stage.received()) == some:
        yield "delivery, accepted at the first attempt", stage.bill() / some


def _event_alone(stage: Deployment) -> Bills:
    stage.begin()
    stage.fan_out(_events(stage, 1))
    stage.deliver()
    stage.sweep(seconds=LATER)
    yield "event alone for one endpoint, delivered", stage.bill()


def _refused(stage: Deployment, some: int) -> Bills:
    """Send events to an endpoint that refuses them, twice."""
    stage.begin()
    stage.fan_out(_events(stage, some))
    stage.deliver()
    stage.bill()
    stage.tick(seconds=2 * SCHEDULE[1].total_seconds())
    yield "retry, until it is in the queue", stage.bill() / some
    stage.deliver()
    yield "retry that fails", stage.bill() / some


def _sign_ups(stage: Deployment, customers: Sequence[int], *, watches: int = 0) -> list[str]:
    """Return sign-ups of customers who have a code of each promotion."""
    stage.simulators.uniqodo.add_users(
        *(
            NewUser(promotion_id=promotion, user_id=load.user(each), code=f"{place}-{each}")
            for place, promotion in enumerate(PROMOTIONS[:watches])
            for each in customers
        )
    )
    return [json.dumps(load.event(each, watches=watches)) for each in customers]


def _polled(stage: Deployment) -> Bill:
    """Return what the polls of an hour's watches cost, from the command to the event."""
    stage.plan()  # the very first tick plans only some minutes
    stage.pass_time(3600.0)
    commands = stage.plan()
    stage.bill()
    stage.poll(commands)
    assert commands
    polled = stage.bill()
    stage.sweep(seconds=LATER)
    return polled + stage.bill()


def _redeem(stage: Deployment, customers: Sequence[int]) -> None:
    stage.simulators.uniqodo.redeem(
        *(
            NewRedemption(
                promotion_id=PROMOTIONS[0], user_id=load.user(each), record={"order_value": 45}
            )
            for each in customers
        )
    )


def _subscribe(stage: Deployment, endpoints: int, *, path: str = TAKING) -> None:
    base = stage.simulators.receiver.url
    urls = [f"{base}/{path}/{number}" for number in range(endpoints)]
    stage.have(functions.tenant(urls=urls, pattern=EVERYTHING))


def _events(stage: Deployment, number: int) -> list[str]:
    return [envelope(new_event_id(stage.source)) for _ in range(number)]
