"""Find published events by event id or webhook-id, and their deliveries."""

import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import batched

from couponbus.domain.identity import event_id
from couponbus.domain.row import Row
from couponbus.domain.webhooks.delivery import Delivery, delivery_id_of, delivery_key
from couponbus.domain.webhooks.event_record import EventRecord, event_key
from couponbus.domain.webhooks.history_page import events_in
from couponbus_cli.app.published import detail_types
from couponbus_cli.app.world import World
from couponbus_cli.endpoints.parts import managing

VERSIONS = 12  # of one row, the last ones
SEARCHED = timedelta(days=7)
PAGES = 25  # at once
WEBHOOK_ID = re.compile(r"msg_([0-9A-Za-z]{1,22})")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def event_id_in(query: str) -> str | None:
    """Return the event id that an event's id, key or `webhook-id` stands for."""
    found = WEBHOOK_ID.fullmatch(query)
    number = 0 if found is None else _number(found[1])
    try:
        named = uuid.UUID(int=number) if found else uuid.UUID(query.removeprefix(event_key("")))
    except ValueError:
        return None
    return str(named)


def event_keys_of(rows: Iterable[Row]) -> Sequence[str]:
    """Return where the events of these rows would be stored: their ids follow from the rows."""
    return [
        event_key(event_id(entity=row.key, detail_type=detail_type, version=version))
        for row in rows
        for version in range(max(row.outcomes - VERSIONS, 0) + 1, row.outcomes + 1)
        for detail_type in detail_types()
    ]


def unwanted_event(event_id: str, *, world: World) -> EventRecord | None:
    """Return an event that no endpoint wanted, if it was published lately: no key leads to it.

    Raises LedgerUnavailable.
    """
    now = world.clock.now()
    history = world.history.between(since=now - SEARCHED, until=now)
    for chunk in batched((one.key for one in history if one.is_page), PAGES, strict=False):
        for event in events_in(world.rows.read(chunk).values()):
            if event.event_id == event_id:
                return event
    return None


def deliveries_of(events: Sequence[EventRecord], *, world: World) -> Sequence[Delivery]:
    """Return the deliveries of each event to the tenant's endpoints, in this order."""
    tenants = dict.fromkeys(event.tenant for event in events)
    listed = {tenant: managing(world).listed(tenant) for tenant in tenants}
    keys = [
        delivery_key(delivery_id_of(endpoint_id=one.endpoint_id, event_id=event.event_id))
        for event in events
        for one in listed[event.tenant]
    ]
    return [row for row in world.rows.read(keys).values() if isinstance(row, Delivery)]


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * len(_DIGITS) + _DIGITS.index(digit)
    return number
