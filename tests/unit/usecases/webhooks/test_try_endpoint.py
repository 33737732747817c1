"""A test event goes to one endpoint, on the same path as any other event."""

import json
from dataclasses import replace

import pytest

from couponbus.domain.errors import TransitionRefused
from couponbus.domain.outbox.backlog import Backlog
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.endpoint import DisabledBecause
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.domain.webhooks.retry_schedule import message_id_of
from couponbus.events.commands import AttemptDeliveries
from couponbus.events.webhook import EndpointTest
from couponbus.usecases.store import Store
from couponbus.usecases.webhooks.subscribers import wants
from couponbus.usecases.webhooks.try_endpoint import TryingEndpoints
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.ledger import MemoryLedger
from tests.fakes.queues import MemoryCommands
from tests.webhook_factories import any_endpoint

SHOP = any_endpoint()


def trying(ledger: MemoryLedger, queue: MemoryCommands) -> TryingEndpoints:
    clock, ids = ManualClock(), CountingIds()
    store = Store(ledger=ledger, ids=ids, clock=clock)
    return TryingEndpoints(store=store, redeliveries=queue, clock=clock, ids=ids)


def event_record(ledger: MemoryLedger) -> EventRecord:
    [event] = [row for row in ledger.rows.values() if isinstance(row, EventRecord)]
    return event


def test_it_is_due_and_only_its_own_endpoint_is_hinted_at() -> None:
    ledger, queue = MemoryLedger(SHOP), MemoryCommands()

    begun = trying(ledger, queue).begin(SHOP)

    event = event_record(ledger)
    assert ledger.rows[begun.key] == begun
    assert (begun.due_at, begun.attempt, begun.event_id) == (NOON, 0, event.event_id)
    assert queue.sent == [
        AttemptDeliveries(attempt="again", endpoint_id=SHOP.endpoint_id, keys=(begun.key,))
    ]
    assert wants(replace(SHOP, pattern='{"detail-type": ["BarcodeIssued"]}'), event)
    assert not wants(any_endpoint(), event)


def test_its_body_is_like_that_of_any_other_event() -> None:
    ledger = MemoryLedger(SHOP)

    trying(ledger, MemoryCommands()).begin(replace(SHOP, description="orders"))

    body = json.loads(event_record(ledger).body)
    assert list(body) == ["type", "timestamp", "source", "metadata", "data"]
    assert (body["type"], body["timestamp"]) == ("EndpointTest", "2026-06-01T12:00:00Z")
    assert body["data"] == {"endpoint_id": SHOP.endpoint_id, "description": "orders"}
    assert EndpointTest.model_validate(body).metadata.id == event_record(ledger).event_id
    assert message_id_of(body["metadata"]["id"]).startswith("msg_")


def test_two_tests_are_two_events() -> None:
    ledger = MemoryLedger(SHOP)
    tests = trying(ledger, MemoryCommands())

    assert tests.begin(SHOP).delivery_id != tests.begin(SHOP).delivery_id


def test_a_lost_hint_leaves_it_to_the_sweeper() -> None:
    ledger, queue = MemoryLedger(SHOP), MemoryCommands()
    queue.will_fail()

    begun = trying(ledger, queue).begin(SHOP)

    assert queue.sent == []
    assert ledger.due(backlog=Backlog.RETRIES, now=NOON, limit=9).keys == [begun.key]


def test_nothing_is_sent_to_an_endpoint_that_is_paused_or_disabled() -> None:
    ledger = MemoryLedger(SHOP)
    disabled = SHOP.disabled(because=DisabledBecause.GONE, now=NOON, publish_by=NOON)

    for endpoint in (SHOP.paused(now=NOON), disabled):
        with pytest.raises(TransitionRefused):
            trying(ledger, MemoryCommands()).begin(endpoint)

    assert not any(isinstance(row, Delivery) for row in ledger.rows.values())
