"""Bugs about what is sent, under which name, and how it is signed."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count

from couponbus.aws.webhooks.signing_keys import StoredSigningKeys
from couponbus.domain.row import Row
from couponbus.domain.webhooks.endpoint import Endpoint, Scope
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.domain.webhooks.retry_schedule import message_id_of
from couponbus.domain.webhooks.signature import signed
from couponbus.ports.webhooks import Sent
from couponbus.usecases.publishing import event_mapping
from couponbus.usecases.webhooks import event_messages, prepare, scoped_body, send
from couponbus.usecases.webhooks.scoped_body import body_of
from couponbus.usecases.webhooks.send import PreparedDelivery, SendWebhooks
from tests.simulation.mutant import Mutant, Patch


def _another_id_each_time() -> Patch:
    numbers = count(1)

    def numbered(event_id: str) -> str:
        return f"msg_{next(numbers)}"

    return Patch(send, "message_id_of", numbered)


def _frozen(self: SendWebhooks, one: PreparedDelivery, *, deadline: datetime) -> Sent:
    """Sign with the time at which the delivery was created."""
    message_id, at = message_id_of(one.delivery.event_id), one.delivery.created_at
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signed(message_id=message_id, at=at, body=one.body, keys=one.keys),
    }
    return self.webhooks.send(
        url=one.endpoint.url, headers=headers, body=one.body, deadline=deadline
    )


def _newest_only() -> Patch:
    of = StoredSigningKeys.of

    def newest(self: StoredSigningKeys, endpoint_id: str) -> Sequence[bytes]:
        return of(self, endpoint_id)[:1]

    return Patch(StoredSigningKeys, "of", newest)


def _another_order() -> Patch:
    times = count()

    def reordered(event: EventRecord, endpoint: Endpoint, *, rows: Mapping[str, Row]) -> bytes:
        body = json.loads(body_of(event, endpoint, rows=rows))
        return json.dumps(body, sort_keys=next(times) % 2 == 0).encode()

    return Patch(prepare, "body_of", reordered)


def _escaped(content: Mapping[str, object]) -> str:
    """Return the body as another model would serialise it."""
    return json.dumps({**content, "metadata": {**_mapping(content["metadata"]), "version": "1"}})


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _all_may_read(event: EventRecord, endpoint: Endpoint) -> Scope | None:
    return scoped_body.SCOPES.get(event.detail_type)


MUTANTS_OF_SIGNING = (
    Mutant(
        name="a new id for each attempt",
        shows=("W2",),
        patches=(_another_id_each_time(),),
    ),
    Mutant(
        name="the timestamp of the first attempt for all of them",
        shows=("W2",),
        patches=(Patch(SendWebhooks, "_sent", _frozen),),
    ),
    Mutant(
        name="the old secret is dropped at once",
        shows=("W2",),
        patches=(_newest_only(),),
    ),
    Mutant(
        name="a body is made anew, its fields in another order",
        shows=("W2",),
        patches=(_another_order(),),
    ),
    Mutant(
        name="a body is what a model has read",
        shows=("W2",),
        patches=(Patch(event_messages, "body_text", _escaped),),
    ),
    Mutant(
        name="each endpoint reads the numbers of barcodes",
        shows=("W5",),
        patches=(Patch(scoped_body, "_scope", _all_may_read),),
    ),
    Mutant(
        name="events carry the whole number of a barcode",
        shows=("W5",),
        patches=(Patch(event_mapping, "masked", str),),
    ),
)
