"""`couponbus deliveries show`: the attempts of one delivery, or of all deliveries of an event."""

import json
from typing import Annotated

import typer

from couponbus.domain.webhooks.delivery import Delivery, delivery_key
from couponbus.domain.webhooks.event_record import EventRecord, event_key
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.world import World
from couponbus_cli.deliveries.events import deliveries_of, event_id_in
from couponbus_cli.deliveries.finding import delivery_id_in, event_of
from couponbus_cli.deliveries.rows import data_of
from couponbus_cli.why.delivery_story import story_of_delivery, story_of_event
from couponbus_cli.why.timeline import Story


@on_stage
def show(
    stage: ChosenStage,
    *,
    query: Annotated[
        str,
        typer.Argument(
            metavar="DELIVERY_ID|EVENT_ID|WEBHOOK_ID",
            help="A delivery, or an event with all its deliveries, also by the webhook-id.",
        ),
    ],
    body: Annotated[
        bool, typer.Option("--body", help="Show the body as well, without what scopes add.")
    ] = False,
) -> Answer:
    """Show every attempt, its result, and when the next one is."""
    world = stage.open()
    event, rows = _found(query.strip(), world)
    now = world.clock.now()
    stories = [story_of_delivery(row, event=event, now=now) for row in rows]
    if len(rows) != 1 and event is not None:
        stories.insert(0, story_of_event(event, rows, now=now))
    shown = [line for each in stories for line in each.lines()]
    data = {"event_id": _event_id(event, rows), "deliveries": _data(rows, stories)}
    if body and event is not None:
        shown.append(json.dumps(json.loads(event.body), indent=2, ensure_ascii=False))
        data = {**data, "body": json.loads(event.body)}
    return Answer(data=data, shown=shown)


def _found(query: str, world: World) -> tuple[EventRecord | None, list[Delivery]]:
    """Return the event and its deliveries, or one of them. Raises Failed."""
    delivery_id = delivery_id_in(query)
    if delivery_id is not None:
        key = delivery_key(delivery_id)
        row = world.rows.read([key]).get(key)
        if not isinstance(row, Delivery):
            raise Failed(f"there is no delivery {delivery_id}", kind="not_found")
        kept = world.rows.read([event_key(row.event_id)]).get(event_key(row.event_id))
        return kept if isinstance(kept, EventRecord) else None, [row]
    event_id = event_id_in(query)
    if event_id is None:
        text = f"{query} is not the id of a delivery or an event, and not a webhook-id"
        raise Failed(text, kind="invalid_input")
    event = event_of(event_id, world=world)
    return event, list(deliveries_of([event], world=world))


def _event_id(event: EventRecord | None, rows: list[Delivery]) -> str | None:
    if event is not None:
        return event.event_id
    return rows[0].event_id if rows else None


def _data(rows: list[Delivery], stories: list[Story]) -> list[dict[str, object]]:
    trails = {story.key: story.data()["timeline"] for story in stories}
    return [{**data_of(row), "trail": trails[row.key]} for row in rows]
