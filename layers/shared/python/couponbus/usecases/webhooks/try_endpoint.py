"""A test event for one endpoint, sent in the same way as every webhook."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from couponbus.domain.errors import LedgerUnavailable, QueueUnavailable, TransitionRefused
from couponbus.domain.identity import event_id
from couponbus.domain.webhooks.delivery import Delivery, new_delivery
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.domain.webhooks.event_record import EventRecord, body_text
from couponbus.events.base import Metadata
from couponbus.events.commands import AttemptDeliveries
from couponbus.events.webhook import EndpointTest, TriedData
from couponbus.ports.shared import Clock, Ids
from couponbus.ports.webhooks import DeliveryQueue
from couponbus.usecases.store import Store

AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TryingEndpoints:
    """Sends a test event like any other, but to one endpoint only, and in no replay."""

    store: Store
    redeliveries: DeliveryQueue
    clock: Clock
    ids: Ids

    def begin(self, endpoint: Endpoint) -> Delivery:
        """Have a test event sent, and return its delivery before anything was tried.

        Raises TransitionRefused for an endpoint to which nothing is sent, LedgerUnavailable.
        """
        if endpoint.state is not EndpointState.ACTIVE:
            raise TransitionRefused(f"{endpoint.key} is {endpoint.state.value}")
        event = self._event(endpoint)
        delivery = new_delivery(
            tenant=event.tenant,
            endpoint_id=endpoint.endpoint_id,
            event_id=event.event_id,
            detail_type=event.detail_type,
            now=event.event_at,
            sweep_after=AT_ONCE,
        )
        stored = self.store.write_together([event, delivery])
        if stored.conflicts:
            raise LedgerUnavailable("a test event of this id is there already")
        self._hint(delivery)
        [begun] = [row for row in stored.written if isinstance(row, Delivery)]
        return begun

    def _event(self, endpoint: Endpoint) -> EventRecord:
        now = self.clock.now()
        identity = event_id(
            entity=f"{endpoint.key}#{self.ids.new()}",
            detail_type=EndpointTest.__name__,
            version=EndpointTest.version,
        )
        body = EndpointTest(
            type="EndpointTest",
            timestamp=now,
            source=EndpointTest.origin,
            metadata=Metadata(
                id=identity,
                version=EndpointTest.version,
                sequence=1,
                occurred_at=now,
                tenant=endpoint.tenant,
            ),
            data=TriedData(endpoint_id=endpoint.endpoint_id, description=endpoint.description),
        )
        return EventRecord(
            event_id=identity,
            tenant=endpoint.tenant,
            source=body.source,
            detail_type=body.type,
            event_at=now,
            body=body_text(body.model_dump(mode="json")),
            only_for=endpoint.endpoint_id,
        )

    def _hint(self, delivery: Delivery) -> None:
        """Enqueue the attempt now; if the message is lost, the sweeper does so within a minute."""
        command = AttemptDeliveries(
            attempt="again", endpoint_id=delivery.endpoint_id, keys=(delivery.key,)
        )
        with suppress(QueueUnavailable):
            self.redeliveries.send([command])
