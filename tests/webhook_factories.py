"""Endpoints, events to tell them of, and deliveries, with values that do not matter."""

import uuid
from datetime import datetime

from couponbus.domain.delivery import Delivery, new_delivery
from couponbus.domain.directory import Directory
from couponbus.domain.endpoint import Endpoint
from couponbus.domain.past_event import PastEvent, body_text
from couponbus.domain.replay import Replay
from couponbus.domain.webhook import SCHEDULE
from tests.drawing import any_moment, any_number, any_word, draw

TENANT = "default"


def any_endpoint(*, seed: int | None = None) -> Endpoint:
    """Return an active one of the default tenant that wants everything."""
    name = any_word(seed=seed)
    return Endpoint(
        endpoint_id=name,
        tenant=TENANT,
        url=f"https://hooks.{name}.example/couponbus",
        created_at=any_moment(seed=seed),
    )


def directory_of(*endpoints: Endpoint) -> Directory:
    return Directory(
        directory_id=endpoints[0].tenant, endpoint_ids=tuple(one.endpoint_id for one in endpoints)
    )


def any_past_event(
    *, told_at: datetime | None = None, detail_type: str = "BarcodeIssued", seed: int | None = None
) -> PastEvent:
    """Return one of the default tenant; its body is as thin as that of a real one."""
    source = draw(seed)
    identity = str(uuid.UUID(int=source.getrandbits(128), version=4))
    at = told_at or any_moment(seed=seed)
    customer_ref, signup_id = f"cus_{any_word(seed=seed)}", f"signup-{any_number(seed=seed)}"
    metadata = {"id": identity, "version": 1, "sequence": 1, "occurred_at": at.isoformat()}
    body = {
        "type": detail_type,
        "timestamp": at.isoformat(),
        "source": "couponbus.barcodes",
        "metadata": {**metadata, "tenant": TENANT},
        "data": {"signup_id": signup_id, "customer_ref": customer_ref},
    }
    return PastEvent(
        event_id=identity,
        tenant=TENANT,
        source="couponbus.barcodes",
        detail_type=detail_type,
        told_at=at,
        body=body_text(body),
        signup_id=signup_id,
        customer_ref=customer_ref,
    )


def delivery_of(event: PastEvent, endpoint: Endpoint) -> Delivery:
    """Return the delivery of an event to an endpoint as it begins, when the event is told."""
    return new_delivery(
        tenant=event.tenant,
        endpoint_id=endpoint.endpoint_id,
        event_id=event.event_id,
        detail_type=event.detail_type,
        now=event.told_at,
        sweep_after=SCHEDULE[1],
    )


def any_replay(*, rate: int = 50, seed: int | None = None) -> Replay:
    return Replay(
        replay_id=any_word(seed=seed),
        tenant=TENANT,
        selection="{}",
        asked_by="operator",
        began_at=any_moment(seed=seed),
        planned=1,
        rate=rate,
    )
