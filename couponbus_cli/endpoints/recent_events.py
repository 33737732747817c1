"""How many of a tenant's last events an endpoint would have got."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import batched, islice

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.domain.webhooks.history_page import events_in
from couponbus.usecases.webhooks.subscribers import wants
from couponbus_cli.app.world import World

LAST = 100
HOURS = 24
CHUNK = 25  # events or pages at once


def recent_of(endpoint: Endpoint, *, world: World) -> dict[str, int] | None:
    """Return how many of the last events match, None if they cannot be read."""
    try:
        events = list(islice(_newest(endpoint.tenant, world), LAST))
    except LedgerUnavailable:
        return None
    return {"events": len(events), "matching": sum(wants(endpoint, each) for each in events)}


def recent_text(recent: dict[str, int] | None) -> str:
    """Return the same in words."""
    if recent is None:
        return "It is not known how many earlier events match: the ledger cannot be read."
    if not recent["events"]:
        return f"No event of the last {HOURS} hours shows whether its pattern fits."
    counts = f"{recent['matching']} of the last {recent['events']} events"
    return f"It would have got {counts} ({HOURS} hours at most)."


def _newest(tenant: str, world: World) -> Iterator[EventRecord]:
    now = world.clock.now()
    found = world.history.newest(since=now - timedelta(hours=HOURS), until=now)
    keys = (one.key for one in found if one.tenant in (None, tenant))
    for chunk in batched(keys, CHUNK, strict=False):
        rows = world.rows.read(chunk)
        events = events_in(row for key in chunk if (row := rows.readable(key)) is not None)
        yield from (each for each in events if each.tenant == tenant)
