"""Whether each webhook has the published content, and a signature that its receiver accepts."""

import json
from collections.abc import Iterator, Mapping

from couponbus.domain.webhooks.signature import checked
from couponbus.events.base import PublishedEvent
from couponbus.events.endpoints import EndpointDisabled
from tests.simulation.webhooks.scenario import Kind, Subscriber
from tests.simulation.webhooks.vault import REMEMBERED, Vault
from tests.simulation.world import World

SKEW = 5.0
ROUNDING = 1.0  # a timestamp has whole seconds


class BodyWitness:
    """Knows the events that the bus passed on, and every secret; `numbers` are full barcodes."""

    def __init__(
        self,
        world: World,
        vault: Vault,
        *,
        first: Mapping[str, PublishedEvent],
        numbers: Mapping[str, str],
    ) -> None:
        self._world = world
        self._vault = vault
        self._first = first
        self._numbers = numbers
        self._sent: dict[tuple[str, str], bytes] = {}

    def problems(
        self, subscriber: Subscriber, event_id: str, headers: Mapping[str, str], body: bytes
    ) -> Iterator[str]:
        """Yield what is wrong with a request."""
        if self._sent.setdefault((subscriber.endpoint_id, event_id), body) != body:
            yield "W2 other bytes than before"
        event = self._first.get(event_id)
        if event is None:
            yield "W2 it was never published"
        else:
            yield from self._content(subscriber, event, body)
        yield from self._signature(subscriber, headers, body)

    def _content(self, subscriber: Subscriber, event: PublishedEvent, body: bytes) -> Iterator[str]:
        sent, detail = json.loads(body), event.model_dump(mode="json")
        number = sent["data"].pop("barcode_number", None)
        sent["data"].pop("barcode_image_url", None)
        wanted = {
            "type": event.detail_type,
            "timestamp": detail["metadata"]["occurred_at"],
            "source": event.origin,
            **detail,
        }
        if sent != wanted:
            yield "W2 something else than was published"
        if event.metadata.tenant != subscriber.tenant:
            yield "W5 to another tenant"
        reads = subscriber.reads_numbers and event.detail_type == Kind.ISSUED
        full = self._numbers.get(event.metadata.id, "")
        if number != (full if reads else None):
            yield "W5 the number of a barcode, shown without the scope, or missing with it"
        if full and not reads and full in body.decode():
            yield "W5 the number of a barcode in a body"
        about = detail["data"].get("endpoint_id")
        if event.detail_type == EndpointDisabled.detail_type and about == subscriber.endpoint_id:
            yield "W7 an endpoint is sent the event of its own disabling"

    def _signature(
        self, subscriber: Subscriber, headers: Mapping[str, str], body: bytes
    ) -> Iterator[str]:
        moment, now = self._world.moment(), self._world.now
        stamp = headers["webhook-timestamp"]
        if abs(int(stamp) - moment.timestamp()) > SKEW + ROUNDING:
            yield "W2 the timestamp is not that of the attempt"
        for secret in self._vault.of(subscriber.endpoint_id):
            # A process need not know one that is new.
            is_old = secret.since == self._vault.of(subscriber.endpoint_id)[-1].since
            is_known = is_old or secret.since + REMEMBERED < now
            if not is_known or now > secret.until - SKEW - ROUNDING:
                continue
            if wrong := checked(
                message_id=headers["webhook-id"],
                timestamp=stamp,
                signatures=headers["webhook-signature"],
                body=body,
                keys=[secret.key],
                now=moment,
            ):
                yield f"W2 not to be believed with a valid secret: {wrong}"
