"""`couponbus deliveries list`: recent webhook deliveries, their endpoints and results."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Annotated

import typer

from couponbus.domain.webhooks.delivery import DeliveryState
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.spans import moment_of, typed_moment
from couponbus_cli.app.world import World
from couponbus_cli.deliveries.events import event_id_in
from couponbus_cli.deliveries.finding import (
    customer_refs,
    event_of,
    require_endpoints,
    require_types,
)
from couponbus_cli.deliveries.options import (
    CustomerOption,
    EndpointsOption,
    EventsOption,
    EventTenant,
    TypesOption,
    UntilOption,
)
from couponbus_cli.deliveries.rows import DeliveryRow, data_of, table_of
from couponbus_cli.deliveries.scan import DeliveryFilter, EventEntry, newest, of_events
from couponbus_cli.endpoints.parts import managing

LIMIT_MAX = 1000


@on_stage
def list_deliveries(  # noqa: PLR0913 - a shell names its options
    stage: ChosenStage,
    *,
    endpoint: EndpointsOption = None,
    event: EventsOption = None,
    customer: CustomerOption = None,
    detail_type: TypesOption = None,
    since: Annotated[
        str, typer.Option(metavar="AGO|MOMENT", help="Published since then: 24h, or a moment.")
    ] = "24h",
    until: UntilOption = None,
    state: Annotated[
        DeliveryState | None, typer.Option(case_sensitive=False, help="Only in this state.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX, help="Show at most this many.")] = 50,
    tenant: EventTenant = "default",
) -> Answer:
    """Show deliveries, those of the newest events first."""
    first = typed_moment(since, option="--since")
    last = None if until is None else typed_moment(until, option="--until")

    world = stage.open()
    now = world.clock.now()
    wanted = DeliveryFilter(
        tenant=tenant,
        since=moment_of(first, now=now),
        until=now if last is None else moment_of(last, now=now),
        endpoint_ids=_endpoints(endpoint or (), tenant=tenant, world=world),
        detail_types=require_types(detail_type) if detail_type else None,
        state=state,
    )
    if customer is not None:
        people = customer_refs(customer.strip(), tenant=tenant, world=world)
        wanted = replace(wanted, customer_refs=people)
    if event:
        found = list(islice(_of_named(event, wanted, world), limit))
    else:
        found = newest(wanted, limit=limit, world=world)
    return _listed(found, limit=limit)


def named_events(queries: Sequence[str]) -> list[str]:
    """Return the ids of events. Raises Failed."""
    ids = [event_id_in(query.strip()) for query in queries]
    if None in ids:
        text = "--event: write the id of an event (metadata.id) or a webhook-id (msg_...)"
        raise Failed(text, kind="invalid_input")
    return [one for one in dict.fromkeys(ids) if one is not None]


def _of_named(
    queries: Sequence[str], wanted: DeliveryFilter, world: World
) -> Iterator[DeliveryRow]:
    events = [event_of(one, world=world) for one in named_events(queries)]
    events.sort(key=lambda event: event.event_at, reverse=True)
    entries = (
        EventEntry(event_id=event.event_id, event_at=event.event_at)
        for event in events
        if wanted.matches(
            tenant=event.tenant, detail_type=event.detail_type, customer_ref=event.customer_ref
        )
    )
    return of_events(entries, wanted, world=world)


def _endpoints(names: Sequence[str], *, tenant: str, world: World) -> list[str]:
    if names:
        return [one.endpoint_id for one in require_endpoints(names, world=world)]
    return [one.endpoint_id for one in managing(world).listed(tenant)]


def _listed(found: Sequence[DeliveryRow], *, limit: int) -> Answer:
    data = {
        "deliveries": [{"event_at": each.at.isoformat(), **data_of(each.row)} for each in found]
    }
    if not found:
        return Answer(data=data, shown=["There are no such deliveries; see --since."])
    more = [f"Only {limit} are shown; there may be more."] if len(found) == limit else []
    return Answer(data=data, shown=[table_of(found), *more])
