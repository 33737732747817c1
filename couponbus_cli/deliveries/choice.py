"""The options of `couponbus deliveries retry`, and the selection that they stand for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from couponbus.domain.webhooks.delivery import Delivery, delivery_key
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.usecases.webhooks.replay_selection import Selection, Which
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.spans import Typed, moment_of
from couponbus_cli.app.world import World
from couponbus_cli.deliveries.finding import (
    customer_refs,
    delivery_id_in,
    event_of,
    require_endpoints,
    require_types,
)
from couponbus_cli.deliveries.list_command import named_events
from couponbus_cli.endpoints.rows import state_of

KEPT = timedelta(days=90)
NAMED_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The options as the operator typed them; an empty one restricts nothing."""

    tenant: str
    deliveries: Sequence[str]
    events: Sequence[str]
    endpoints: Sequence[str]
    customer: str | None
    types: Sequence[str]
    since: Typed | None
    until: Typed | None
    undelivered: bool

    @property
    def restricts(self) -> bool:
        """Whether at least one option restricts the selection."""
        named = (self.deliveries, self.events, self.endpoints, self.types)
        others = (self.customer, self.since, self.until, self.undelivered or None)
        return any(named) or any(each is not None for each in others)


def selection_of(choice: Choice, *, world: World) -> Selection:
    """Return the selection. Raises Failed that names unknown ids."""
    now = world.clock.now()
    if len(choice.deliveries) + len(choice.events) > NAMED_MAX:
        raise Failed(f"name at most {NAMED_MAX} deliveries and events", kind="too_many")
    rows = _deliveries(choice, world=world)
    endpoints = require_endpoints(choice.endpoints, world=world)
    _require_reachable(endpoints)
    events = [event_of(one, world=world).event_id for one in named_events(choice.events)]
    refs = None
    if choice.customer is not None:
        refs = customer_refs(choice.customer.strip(), tenant=choice.tenant, world=world)
    return Selection(
        tenant=choice.tenant,
        since=now - KEPT if choice.since is None else moment_of(choice.since, now=now),
        until=now if choice.until is None else moment_of(choice.until, now=now),
        event_ids=tuple(events or [row.event_id for row in rows]) or None,
        customer_refs=refs,
        detail_types=require_types(choice.types) if choice.types else None,
        endpoint_ids=frozenset(one.endpoint_id for one in endpoints) or None,
        delivery_ids=frozenset(row.delivery_id for row in rows) or None,
        which=Which.UNDELIVERED if choice.undelivered else Which.ALL,
    )


def _deliveries(choice: Choice, *, world: World) -> list[Delivery]:
    ids = {query: delivery_id_in(query.strip()) for query in choice.deliveries}
    keys = [delivery_key(each) for each in ids.values() if each is not None]
    rows = world.rows.read(keys)
    found = [row for row in rows.values() if isinstance(row, Delivery)]
    known = {row.delivery_id for row in found if row.tenant == choice.tenant}
    unknown = [query for query, identity in ids.items() if identity not in known]
    if unknown:
        text = f"there is no delivery {', '.join(unknown)} of the tenant {choice.tenant}"
        raise Failed(text, kind="not_found")
    return found


def _require_reachable(endpoints: Sequence[Endpoint]) -> None:
    for one in endpoints:
        if one.state is EndpointState.REMOVED:
            raise Failed(f"{one.endpoint_id} was removed", kind="not_allowed")
        if one.state is EndpointState.DISABLED:
            text = (
                f"{one.endpoint_id} is {state_of(one)}, so nothing is sent to it: first couponbus"
                f" endpoints resume {one.endpoint_id}"
            )
            raise Failed(text, kind="not_allowed")
