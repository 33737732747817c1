"""All dependencies of sending webhooks, in memory, with a manual clock."""

import json
from datetime import datetime, timedelta

from couponbus.domain.webhooks.delivery import Delivery, delivery_id_of, delivery_key
from couponbus.domain.webhooks.directory import TenantEndpoints, directory_key
from couponbus.domain.webhooks.endpoint import Endpoint, endpoint_key
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.domain.webhooks.history_page import events_in
from couponbus.events.base import PublishedEvent
from couponbus.events.commands import AttemptDeliveries
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.invocation import BatchResult
from couponbus.usecases.messages import Message
from couponbus.usecases.outbox import assembly as outbox_assembly
from couponbus.usecases.outbox.sweep_due import SweepReport
from couponbus.usecases.publishing import assembly as publishing_assembly
from couponbus.usecases.webhooks import assembly as webhook_assembly
from couponbus.usecases.webhooks.deliver_webhooks import DeliverWebhooks
from couponbus.usecases.webhooks.fan_out_webhooks import FanOutWebhooks
from tests import factories
from tests.fakes.clock import ManualClock
from tests.fakes.endpoint_pace import MemoryEndpointPace
from tests.fakes.event_bus import MemoryBus
from tests.fakes.executor import InlineExecutor
from tests.fakes.ids import CountingIds
from tests.fakes.queues import MemoryCommands, MemoryQuarantine
from tests.fakes.rate_limiter import MemoryRateLimiter
from tests.fakes.signing_keys import MemorySigningKeys, key_not_real
from tests.fakes.unreliable_ledger import UnreliableLedger
from tests.fakes.webhooks import Arrived, MemoryWebhooks

INVOCATION = 60.0
TICK = 60.0
TIMING = factories.any_timing()
TENANT = "default"


def url_of(endpoint_id: str) -> str:
    return f"https://{endpoint_id}.receiver.example/hooks"


def notification(event: PublishedEvent) -> Message:
    """Return an event as the bus puts it into the queue."""
    envelope = {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": event.detail_type,
        "source": event.origin,
        "account": "123456789012",
        "time": "2026-06-01T12:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": json.loads(event.model_dump_json()),
    }
    return Message(message_id=f"m-{event.metadata.id}", body=json.dumps(envelope))


def asked_for(world: "WebhookWorld") -> list[tuple[str, str, int]]:
    """Return the type, the endpoint and the size of each message that was sent."""
    sent = world.deliveries.sent
    assert all(isinstance(one, AttemptDeliveries) for one in sent)
    return [
        (one.attempt, one.endpoint_id, len(one.keys))
        for one in sent
        if isinstance(one, AttemptDeliveries)
    ]


class WebhookWorld:
    """The sending of webhooks in one process; every endpoint has a receiver of its name."""

    def __init__(self, *, ledger: UnreliableLedger | None = None) -> None:
        self.clock = ManualClock()
        self.ledger = ledger or UnreliableLedger()
        self.bus = MemoryBus()
        self.deliveries = MemoryCommands()
        self.redeliveries = MemoryCommands()
        self.quarantine = MemoryQuarantine()
        self.signing_keys = MemorySigningKeys()
        self.pace = MemoryEndpointPace(clock=self.clock)
        self.webhooks = MemoryWebhooks(clock=self.clock)
        self.base = Foundation(
            ledger=self.ledger, clock=self.clock, ids=CountingIds(), timing=TIMING
        )
        self._circulated = 0

    def has(self, *endpoints: Endpoint) -> None:
        """Store these endpoints, each with a directory entry and a key."""
        for one in endpoints:
            key = directory_key(one.tenant)
            listed = self.ledger.rows.get(key, TenantEndpoints(directory_id=one.tenant))
            assert isinstance(listed, TenantEndpoints)
            self.ledger.rows[key] = listed.having(one.endpoint_id).written("another-worker")
            self.ledger.rows[one.key] = one.written("another-worker")
            self.signing_keys.keys[one.endpoint_id] = (key_not_real(one.endpoint_id),)

    def make(self, endpoint_id: str = "shop", *, tenant: str = TENANT) -> Endpoint:
        """Return an endpoint that subscribes to everything and is not stored yet."""
        return Endpoint(
            endpoint_id=endpoint_id,
            tenant=tenant,
            url=url_of(endpoint_id),
            created_at=self.clock.now(),
        )

    def fan_out(self, *events: PublishedEvent) -> BatchResult:
        """Run one invocation of fan_out_webhooks with these events."""
        return self.fan_out_messages(*map(notification, events))

    def fan_out_messages(self, *messages: Message) -> BatchResult:
        return self.fan_out_webhooks.handle(messages, deadline=self.in_seconds(INVOCATION))

    def deliver(self, *, within: float = INVOCATION) -> BatchResult:
        """Run one invocation with all messages of first attempts."""
        return self._worked_off(self.deliveries, within=within)

    def redeliver(self, *, within: float = INVOCATION) -> BatchResult:
        """Run one invocation with all messages that the sweeper has sent."""
        return self._worked_off(self.redeliveries, within=within)

    def deliver_messages(self, *messages: Message, within: float = INVOCATION) -> BatchResult:
        return self.deliver_webhooks.handle(messages, deadline=self.in_seconds(within))

    def fan_out_and_deliver(self, *events: PublishedEvent) -> BatchResult:
        """Fan these events out, and make the first attempts."""
        self.fan_out(*events)
        return self.deliver()

    def sweep(self) -> SweepReport:
        sweeper = outbox_assembly.sweep_due(
            self.base,
            bus=self.bus,
            commands=MemoryCommands(),
            polls=MemoryCommands(),
            redeliveries=self.redeliveries,
            limiter=MemoryRateLimiter(clock=self.clock, calls_per_second={}),
            accounts={},
        )
        return sweeper.handle(deadline=self.in_seconds(TICK))

    def cycle(self, *, seconds: float = TICK) -> BatchResult:
        """Let time pass, run the sweeper, then deliver its messages."""
        self.clock.pass_time(seconds)
        self.sweep()
        return self.redeliver()

    def pass_hours(self, hours: float, *, step: float = 1800.0) -> None:
        """Let time pass cycle by cycle."""
        end = self.clock.now() + timedelta(hours=hours)
        while self.clock.now() < end:
            self.cycle(seconds=step)

    def circulate(self) -> None:
        """Publish the owed events, and deliver them from the bus to fan-out."""
        publisher = publishing_assembly.publish_events(self.base, bus=self.bus)
        publisher.handle(list(self.ledger.rows.values()))
        fresh, self._circulated = self.bus.events[self._circulated :], len(self.bus.events)
        self.fan_out(*fresh)

    def arrived(self, endpoint_id: str = "shop") -> list[Arrived]:
        """Return the requests that the receiver of an endpoint got."""
        return self.webhooks.at(url_of(endpoint_id))

    def endpoint(self, endpoint_id: str = "shop") -> Endpoint:
        """Return an endpoint as it is stored."""
        row = self.ledger.rows[endpoint_key(endpoint_id)]
        assert isinstance(row, Endpoint)
        return row

    def delivery(self, event: PublishedEvent, endpoint_id: str = "shop") -> Delivery:
        """Return the delivery of an event to an endpoint as it is stored."""
        identity = delivery_id_of(endpoint_id=endpoint_id, event_id=event.metadata.id)
        row = self.ledger.rows[delivery_key(identity)]
        assert isinstance(row, Delivery)
        return row

    @property
    def all_deliveries(self) -> list[Delivery]:
        return [row for row in self.ledger.rows.values() if isinstance(row, Delivery)]

    @property
    def past_events(self) -> list[EventRecord]:
        """Return the events of the history, whether an endpoint wanted them or not."""
        return list(events_in(self.ledger.rows.values()))

    def change(self, endpoint: Endpoint) -> None:
        """Let another worker store a changed endpoint."""
        self.ledger.rows[endpoint.key] = endpoint.written("another-worker")

    def in_seconds(self, seconds: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds)

    @property
    def fan_out_webhooks(self) -> FanOutWebhooks:
        return webhook_assembly.fan_out_webhooks(
            self.base, deliveries=self.deliveries, quarantine=self.quarantine
        )

    @property
    def deliver_webhooks(self) -> DeliverWebhooks:
        return webhook_assembly.deliver_webhooks(
            self.base,
            webhooks=self.webhooks,
            signing_keys=self.signing_keys,
            pace=self.pace,
            quarantine=self.quarantine,
            executor=InlineExecutor(),
        )

    def _worked_off(self, queue: MemoryCommands, *, within: float) -> BatchResult:
        sent, queue.sent = queue.sent, []
        messages = [
            Message(message_id=f"d-{number}", body=command.model_dump_json())
            for number, command in enumerate(sent)
        ]
        return self.deliver_messages(*messages, within=within)
