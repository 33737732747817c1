"""Selects the deliveries of a replay: events of the history, for the endpoints that match."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import batched
from typing import Self

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.row import Row
from couponbus.domain.webhooks.delivery import Delivery, DeliveryState, delivery_id_of, delivery_key
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.domain.webhooks.event_record import EventRecord, event_key
from couponbus.domain.webhooks.history_page import events_in
from couponbus.ports.webhooks import EventIndexEntry, EventLog
from couponbus.usecases.store import Store
from couponbus.usecases.webhooks.subscribers import Subscribers, wants

CHUNK = 100


class Which(StrEnum):
    """Which of the deliveries that a selection names."""

    ALL = "all"
    UNDELIVERED = "undelivered"  # also those that never existed: of a late subscriber
    HELD = "held"  # those that wait because their endpoint was paused or failing


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A filter: each given field must match, None matches all; `event_ids` ignore the time.

    `since` is inclusive, `until` exclusive.
    """

    tenant: str
    since: datetime
    until: datetime
    event_ids: tuple[str, ...] | None = None
    customer_refs: frozenset[str] | None = None
    detail_types: frozenset[str] | None = None
    endpoint_ids: frozenset[str] | None = None
    delivery_ids: frozenset[str] | None = None
    which: Which = Which.ALL

    def allows(self, *, detail_type: str, customer_ref: str | None) -> bool:
        """Whether events of this kind, about this customer, are meant."""
        kinds, people = self.detail_types, self.customer_refs
        return (kinds is None or detail_type in kinds) and (
            people is None or customer_ref in people
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An event for an endpoint, and the delivery if there was one."""

    event: EventRecord
    endpoint: Endpoint
    delivery: Delivery | None

    @property
    def delivery_id(self) -> str:
        """The id of the delivery that it has, or would have."""
        return delivery_id_of(endpoint_id=self.endpoint.endpoint_id, event_id=self.event.event_id)

    @property
    def key(self) -> str:
        """The key of the delivery that it has, or would have."""
        return delivery_key(self.delivery_id)

    def having(self, row: Row | None) -> Self:
        """Return it with the row that is stored under its key."""
        return dataclasses.replace(self, delivery=row if isinstance(row, Delivery) else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySelector:
    """Reads the history in its order, a hundred events at a time.

    `broken` has the keys of the rows that could not be read so far.
    """

    store: Store
    history: EventLog
    broken: set[str] = field(default_factory=set, init=False)

    def pairs(self, selection: Selection, *, sent_by: str | None = None) -> Iterator[Pair]:
        """Yield what is selected, oldest event first, and what the replay `sent_by` has sent.

        Raises LedgerUnavailable.
        """
        endpoints = [
            one
            for one in Subscribers(store=self.store).of([selection.tenant]).of(selection.tenant)
            if _is_target(one, selection)
        ]
        for chunk in batched(self._selected(selection), CHUNK, strict=False):
            for pair in self._paired(chunk, endpoints):
                if is_meant(pair, selection) or _was_sent(pair, sent_by):
                    yield pair

    def _selected(self, selection: Selection) -> Iterator[EventRecord]:
        """Yield each event once. Those that are named and in pages only come last."""
        seen: set[str] = set()
        for event in self._events(selection):
            if event.event_id not in seen and _is_selected(event, selection):
                seen.add(event.event_id)
                yield event

    def _events(self, selection: Selection) -> Iterator[EventRecord]:
        history = self.history.between(since=selection.since, until=selection.until)
        if selection.event_ids is None:
            yield from self._read(one.key for one in history if _may_have(one, selection))
            return
        missing = set(selection.event_ids)
        for event in self._read(map(event_key, dict.fromkeys(selection.event_ids))):
            missing.discard(event.event_id)
            yield event
        if missing:
            pages = self._read(one.key for one in history if one.is_page)
            yield from (event for event in pages if event.event_id in missing)

    def _read(self, keys: Iterable[str]) -> Iterator[EventRecord]:
        for chunk in batched(keys, CHUNK, strict=False):
            rows = self.store.read(chunk)
            self.broken.update(rows.broken)
            yield from events_in(rows.values())

    def _paired(
        self, events: Sequence[EventRecord], endpoints: Sequence[Endpoint]
    ) -> Iterator[Pair]:
        wanted = [
            Pair(event=event, endpoint=one, delivery=None)
            for event in events
            for one in endpoints
            if _wants(one, event)
        ]
        rows = self.store.read([each.key for each in wanted])
        self.broken.update(rows.broken)
        readable = (each for each in wanted if each.key not in rows.broken)
        return (each.having(rows.get(each.key)) for each in readable)


def is_meant(pair: Pair, selection: Selection) -> bool:
    """Whether an event for an endpoint is selected, by the present state of its delivery."""
    if selection.delivery_ids is not None and pair.delivery_id not in selection.delivery_ids:
        return False
    match selection.which:
        case Which.ALL:
            return True
        case Which.UNDELIVERED:
            return pair.delivery is None or pair.delivery.state is DeliveryState.EXHAUSTED
        case Which.HELD:
            return pair.delivery is not None and pair.delivery.state is DeliveryState.PENDING


def _was_sent(pair: Pair, replay_id: str | None) -> bool:
    if pair.delivery is None or replay_id is None:
        return False
    return pair.delivery.was_sent_by(replay_id)


def _is_target(endpoint: Endpoint, selection: Selection) -> bool:
    """Whether it is selected: deliveries for one that is disabled would only be given up."""
    named = selection.endpoint_ids is None or endpoint.endpoint_id in selection.endpoint_ids
    return named and endpoint.state is not EndpointState.DISABLED


def _may_have(one: EventIndexEntry, selection: Selection) -> bool:
    return one.detail_type is None or selection.allows(
        detail_type=one.detail_type, customer_ref=one.customer_ref
    )


def _is_selected(event: EventRecord, selection: Selection) -> bool:
    return (
        event.tenant == selection.tenant
        and event.only_for is None
        and selection.allows(detail_type=event.detail_type, customer_ref=event.customer_ref)
    )


def _wants(endpoint: Endpoint, event: EventRecord) -> bool:
    try:
        return wants(endpoint, event)
    except ConfigurationInvalid:
        return False
