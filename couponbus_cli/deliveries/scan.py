"""Find deliveries by the time at which their events were published, newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, islice

from couponbus.domain.webhooks.delivery import Delivery, DeliveryState, delivery_id_of, delivery_key
from couponbus_cli.app.world import World
from couponbus_cli.deliveries.rows import DeliveryRow

CHUNK = 25  # events, each for all endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEntry:
    """The fields of an event by which its deliveries are found."""

    event_id: str
    event_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Filters, all of which must match; `since` is inclusive, `until` exclusive."""

    tenant: str
    since: datetime
    until: datetime
    endpoint_ids: Sequence[str]
    customer_refs: frozenset[str] | None = None
    detail_types: frozenset[str] | None = None
    state: DeliveryState | None = None

    def matches(self, *, tenant: str, detail_type: str, customer_ref: str | None) -> bool:
        """Whether such an event matches."""
        kinds, people = self.detail_types, self.customer_refs
        return (
            tenant == self.tenant
            and (kinds is None or detail_type in kinds)
            and (people is None or customer_ref in people)
        )


def newest(wanted: DeliveryFilter, *, limit: int, world: World) -> list[DeliveryRow]:
    """Return matching deliveries, at most `limit`. Raises LedgerUnavailable."""
    return list(islice(of_events(_published(wanted, world), wanted, world=world), limit))


def of_events(
    events: Iterator[EventEntry], wanted: DeliveryFilter, *, world: World
) -> Iterator[DeliveryRow]:
    """Yield the deliveries of events in their order. Raises LedgerUnavailable."""
    for chunk in batched(events, CHUNK, strict=False):
        keys = {
            delivery_key(delivery_id_of(endpoint_id=name, event_id=event.event_id)): event.event_at
            for event in chunk
            for name in wanted.endpoint_ids
        }
        rows = world.rows.read(list(keys)) if keys else {}
        for key, row in rows.items():
            if isinstance(row, Delivery) and wanted.state in (None, row.state):
                yield DeliveryRow(at=keys[key], row=row)


def _published(wanted: DeliveryFilter, world: World) -> Iterator[EventEntry]:
    for one in world.history.newest(since=wanted.since, until=wanted.until):
        # What a page has was wanted by no endpoint: there are no deliveries.
        if one.tenant is None or one.detail_type is None:
            continue
        if wanted.matches(
            tenant=one.tenant, detail_type=one.detail_type, customer_ref=one.customer_ref
        ):
            yield EventEntry(event_id=one.key.partition("#")[2], event_at=one.event_at)
