"""`couponbus endpoints test`: send a test event as an ordinary webhook, and show the result."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from couponbus.domain.webhooks.delivery import Delivery, DeliveryState
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.usecases.webhooks.try_endpoint import TryingEndpoints
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.failing import ATTENTION, FINE, Failed
from couponbus_cli.app.formatting import when
from couponbus_cli.app.world import World
from couponbus_cli.deliveries.rows import data_of
from couponbus_cli.deliveries.words import result_of
from couponbus_cli.endpoints.commands import EndpointArgument
from couponbus_cli.endpoints.parts import endpoint_of, store_of
from couponbus_cli.endpoints.rows import shown_url, state_of

WAIT_MAX = 600
CHECK_INTERVAL = 0.5


@on_stage
def send_test(
    stage: ChosenStage,
    *,
    endpoint_id: EndpointArgument,
    wait: Annotated[
        int, typer.Option(min=0, max=WAIT_MAX, help="How many seconds to wait for the answer.")
    ] = 60,
) -> Answer:
    """Send a test event; exits with 1 unless the endpoint accepts it in time."""
    world = stage.open()
    endpoint = endpoint_of(endpoint_id, world=world)
    if endpoint.state is not EndpointState.ACTIVE:
        text = (
            f"{endpoint_id} is {state_of(endpoint)}, so nothing is sent to it: couponbus"
            f" endpoints resume {endpoint_id}"
        )
        raise Failed(text, kind="not_allowed")
    begun = _trying(world).begin(endpoint)
    now = world.clock.now()
    after = _waited_for(begun, until=now + timedelta(seconds=wait), world=world)
    return _answer_of(endpoint, after, world.clock.now())


def _trying(world: World) -> TryingEndpoints:
    return TryingEndpoints(
        store=store_of(world), redeliveries=world.redeliveries, clock=world.clock, ids=world.ids
    )


def _waited_for(delivery: Delivery, *, until: datetime, world: World) -> Delivery:
    """Return it once its first attempt has a result, or as it is at the deadline."""
    while True:
        row = world.rows.read([delivery.key]).get(delivery.key)
        latest = row if isinstance(row, Delivery) else delivery
        if _is_tried(latest) or world.clock.now() >= until:
            return latest
        world.clock.sleep(CHECK_INTERVAL)


def _is_tried(row: Delivery) -> bool:
    return row.state is not DeliveryState.PENDING or (row.attempt > 0 and row.claimed_until is None)


def _answer_of(endpoint: Endpoint, row: Delivery, now: datetime) -> Answer:
    data = data_of(row)
    if row.state is DeliveryState.DELIVERED:
        took = f"{endpoint.endpoint_id} accepted the test event: {result_of(row)}."
        return Answer(data=data, shown=[took], code=FINE)
    where = f"{endpoint.endpoint_id} ({shown_url(endpoint.url)})"
    if not _is_tried(row):
        shown = [
            f"The test event to {where} has no result yet; check again:"
            f" couponbus deliveries show {row.delivery_id}",
            *_put_off(row, now),
        ]
        return Answer(data=data, shown=shown, code=ATTENTION)
    again = "" if row.due_at is None else f"; the next attempt is {when(row.due_at, now)}"
    shown = [f"{where} did not accept the test event: {result_of(row)}{again}."]
    return Answer(data=data, shown=shown, code=ATTENTION)


def _put_off(row: Delivery, now: datetime) -> list[str]:
    if row.attempt or row.is_ready(now) or row.ready_at is None:
        return []
    return [f"Workers that do not know its secret yet try again {when(row.ready_at, now)}."]
