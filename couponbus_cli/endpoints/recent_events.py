"""How many of a tenant's last events an endpoint would have got."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.domain.webhooks.event_record import EventRecord, event_key
from couponbus.usecases.webhooks.subscribers import wants
from couponbus_cli.app.world import World

LAST = 100
HOURS = 24
HOUR = timedelta(hours=1)


def recent_of(endpoint: Endpoint, *, world: World) -> dict[str, int] | None:
    """Return how many of the last events match, None if they cannot be read."""
    try:
        keys = list(islice(_newest(endpoint.tenant, world), LAST))
        rows = world.rows.read(keys) if keys else {}
    except LedgerUnavailable:
        return None
    events = [row for row in rows.values() if isinstance(row, EventRecord)]
    return {"events": len(events), "matching": sum(wants(endpoint, each) for each in events)}


def recent_text(recent: dict[str, int] | None) -> str:
    """Return the same in words."""
    if recent is None:
        return "It is not known how many earlier events match: the ledger cannot be read."
    if not recent["events"]:
        return f"No event of the last {HOURS} hours shows whether its pattern fits."
    counts = f"{recent['matching']} of the last {recent['events']} events"
    return f"It would have got {counts} ({HOURS} hours at most)."


def _newest(tenant: str, world: World) -> Iterator[str]:
    until = world.clock.now()
    for _ in range(HOURS):
        found = list(world.history.between(since=until - HOUR, until=until))
        yield from (event_key(one.event_id) for one in reversed(found) if one.tenant == tenant)
        until -= HOUR
