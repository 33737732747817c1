"""`couponbus endpoints list|pause|resume`: show endpoints, stop and restart their webhooks."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.domain.webhooks.retry_schedule import SCHEDULE
from couponbus.usecases.webhooks.replay_selection import Selection, Which
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.formatting import count
from couponbus_cli.app.world import World
from couponbus_cli.endpoints.add_command import EndpointTenant
from couponbus_cli.endpoints.parts import COUNTED, endpoint_of, managing, parked, replaying
from couponbus_cli.endpoints.rows import data_of, state_of, table_of

WAKE_RATE = 50
# The longest that a delivery can have waited for its last attempt when its endpoint was paused.
BEFORE = sum(SCHEDULE, timedelta(hours=24))

EndpointArgument = Annotated[str, typer.Argument(metavar="ID", help="The id of the endpoint.")]


@on_stage
def list_endpoints(
    stage: ChosenStage,
    *,
    tenant: EndpointTenant = "default",
) -> Answer:
    """Show each endpoint, its events, and whether it can be reached."""
    world = stage.open()
    rows = managing(world).listed(tenant)
    none = "There are no endpoints: couponbus endpoints add URL"
    waiting = {row.endpoint_id: parked(row, world=world) for row in rows}
    table = table_of(rows, now=world.clock.now(), parked=waiting, counted=COUNTED)
    listed = [{**data_of(row), "parked": waiting[row.endpoint_id]} for row in rows]
    return Answer(data={"endpoints": listed}, shown=[table] if rows else [none])


@on_stage
def pause(
    stage: ChosenStage,
    *,
    endpoint_id: EndpointArgument,
) -> Answer:
    """Stop the webhooks to an endpoint; events meanwhile are kept for it."""
    world = stage.open()
    before = endpoint_of(endpoint_id, world=world)
    if before.state is not EndpointState.ACTIVE:
        raise Failed(f"{endpoint_id} is {state_of(before)} already", kind="not_allowed")
    after = managing(world).pause(endpoint_id)
    text = (
        f"{endpoint_id} is paused: its events are kept, up to 90 days. To resume: couponbus"
        f" endpoints resume {endpoint_id}"
    )
    return Answer(data=data_of(after), shown=[text])


@on_stage
def resume(
    stage: ChosenStage,
    *,
    endpoint_id: EndpointArgument,
) -> Answer:
    """Restart the webhooks to an endpoint: kept events follow, missed ones can be replayed."""
    world = stage.open()
    before = endpoint_of(endpoint_id, world=world)
    if before.state is EndpointState.ACTIVE:
        raise Failed(f"{endpoint_id} is active already", kind="not_allowed")
    after = managing(world).resume(endpoint_id)
    if before.state is EndpointState.PAUSED:
        return _resumed(before, after, world)
    return _missed(before, after)


def _resumed(before: Endpoint, after: Endpoint, world: World) -> Answer:
    selection = Selection(
        tenant=before.tenant,
        since=_stopped(before) - BEFORE,
        until=world.clock.now(),
        endpoint_ids=frozenset({before.endpoint_id}),
        which=Which.HELD,
    )
    name, rate = before.endpoint_id, before.rate or WAKE_RATE
    try:
        resumed = replaying(world).wake(selection, rate=rate)
    except LedgerUnavailable:
        data = {**data_of(after), "resumed": None}
        text = f"{name} gets webhooks again; those that were kept for it follow within six hours."
        return Answer(data=data, shown=[text])
    kept = f"{count(resumed, 'that was', 'that were')} kept" if resumed else "none was kept"
    follow = f": from the next minute on, {rate} a second at most" if resumed else ""
    text = f"{name} gets webhooks again; {kept}{follow}."
    return Answer(data={**data_of(after), "resumed": resumed}, shown=[text])


def _missed(before: Endpoint, after: Endpoint) -> Answer:
    # Deliveries that it had not accepted were given up when it was disabled.
    since = max(before.created_at, (before.failing_since or _stopped(before)) - BEFORE)
    of = "" if before.tenant == "default" else f" --tenant {before.tenant}"
    again = (
        f"couponbus deliveries retry --endpoint {before.endpoint_id} --undelivered"
        f" --since {since:%Y-%m-%dT%H:%M:%SZ}{of}"
    )
    shown = [
        f"{before.endpoint_id} gets webhooks again, for events from now on.",
        f"To send what it missed: {again}",
    ]
    return Answer(data={**data_of(after), "missed": again}, shown=shown)


def _stopped(row: Endpoint) -> datetime:
    return row.changed_at or row.created_at
