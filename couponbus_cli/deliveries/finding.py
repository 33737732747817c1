"""Find deliveries, events, endpoints and customers by what an operator typed."""

import re
from collections.abc import Sequence

from couponbus.domain.webhooks.delivery import delivery_key
from couponbus.domain.webhooks.endpoint import Endpoint, endpoint_key
from couponbus.domain.webhooks.event_record import EventRecord, event_key
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.published import detail_types
from couponbus_cli.app.world import World
from couponbus_cli.deliveries.events import SEARCHED, unwanted_event
from couponbus_cli.why.finding import IDENTITY, find

PSEUDONYM = re.compile(r"cus_[A-Z2-7]{26}")


def delivery_id_in(query: str) -> str | None:
    """Return the delivery id that an id or key stands for."""
    identity = query.removeprefix(delivery_key(""))
    return identity if IDENTITY.fullmatch(identity) else None


def event_of(event_id: str, *, world: World) -> EventRecord:
    """Return an event. Raises Failed."""
    row = world.rows.read([event_key(event_id)]).get(event_key(event_id))
    found = row if isinstance(row, EventRecord) else unwanted_event(event_id, world=world)
    if found is None:
        text = (
            f"no event {event_id} is stored: events are kept for 90 days; one that no endpoint"
            f" wanted is found by its id for {SEARCHED.days} days"
        )
        raise Failed(text, kind="not_found")
    return found


def require_endpoints(names: Sequence[str], *, world: World) -> Sequence[Endpoint]:
    """Return these endpoints, also removed ones. Raises Failed that names unknown ones."""
    rows = world.rows.read([endpoint_key(name) for name in names])
    found = [row for row in rows.values() if isinstance(row, Endpoint)]
    unknown = sorted({*names} - {one.endpoint_id for one in found})
    if unknown:
        text = f"there is no endpoint {', '.join(unknown)}; see `couponbus endpoints list`"
        raise Failed(text, kind="not_found")
    return found


def require_types(names: Sequence[str]) -> frozenset[str]:
    """Return these detail types. Raises Failed that names unknown ones."""
    unknown = sorted({*names} - {*detail_types()})
    if unknown:
        text = f"there is no event {', '.join(unknown)}; there are {', '.join(detail_types())}"
        raise Failed(text, kind="invalid_input")
    return frozenset(names)


def customer_refs(query: str, *, tenant: str, world: World) -> frozenset[str]:
    """Return the pseudonyms of the customer that the query names. Raises Failed."""
    if PSEUDONYM.fullmatch(query):
        return frozenset({query})
    rows = find(query, tenant=tenant, world=world).rows
    refs = frozenset(
        ref for row in rows if isinstance(ref := getattr(row, "customer_ref", None), str)
    )
    if not refs:
        text = f"no customer is known by {query}; see `couponbus why {query}`"
        raise Failed(text, kind="not_found")
    return refs
