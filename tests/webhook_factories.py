"""Factories of endpoints, events and deliveries with arbitrary values."""

import uuid
from datetime import datetime, timedelta

from couponbus.domain.copying import replace
from couponbus.domain.identity import event_id
from couponbus.domain.row import Row
from couponbus.domain.webhooks.delivery import Delivery, Unsent, new_delivery
from couponbus.domain.webhooks.directory import TenantEndpoints
from couponbus.domain.webhooks.endpoint import DisabledBecause, Endpoint
from couponbus.domain.webhooks.event_record import EventRecord, body_text
from couponbus.domain.webhooks.history_page import HistoryPage
from couponbus.domain.webhooks.parking import Parking
from couponbus.domain.webhooks.replay import Replay
from couponbus.domain.webhooks.retry_schedule import DISABLED_AFTER, SCHEDULE
from tests.drawing import any_moment, any_number, any_word, draw

TENANT = "default"


def any_endpoint(*, seed: int | None = None) -> Endpoint:
    """Return an active one of the default tenant that subscribes to everything."""
    name = any_word(seed=seed)
    return Endpoint(
        endpoint_id=name,
        tenant=TENANT,
        url=f"https://hooks.{name}.example/couponbus",
        created_at=any_moment(seed=seed),
    )


def any_ready_endpoint(*, seed: int | None = None) -> Endpoint:
    """Return one in any state, with every setting of an operator."""
    source, made = draw(seed), any_endpoint(seed=seed)
    endpoint = replace(
        made,
        tenant=any_word(seed=source.randrange(9)),
        description="orders of the till",
        pattern='{"detail-type":["BarcodeIssued"]}',
        scopes=source.choice([(), ("barcode:read",)]),
        rate=source.choice([None, 1, 250]),
    )
    now = made.created_at + timedelta(seconds=source.randrange(10**6))
    failing = endpoint.failed(now=now, publish_by=now)
    later, by = now + DISABLED_AFTER, now + DISABLED_AFTER + timedelta(minutes=1)
    return source.choice(
        [
            endpoint,
            failing,
            failing.succeeded(now=later),
            failing.failed(now=later, publish_by=by),
            failing.failed(now=later, publish_by=by).announced(now=by).resumed(now=by),
            endpoint.disabled(because=DisabledBecause.GONE, now=later, publish_by=by),
            endpoint.paused(now=now).rotated(now=later),
            endpoint.paused(now=now).removed(now=later),
        ]
    )


def any_directory(*, seed: int | None = None) -> TenantEndpoints:
    """Return one of a tenant with up to four endpoints."""
    source = draw(seed)
    names = (any_word(seed=source.randrange(10**9)) for _ in range(source.randrange(5)))
    return TenantEndpoints(directory_id=any_word(seed=seed), endpoint_ids=tuple(names))


def directory_of(*endpoints: Endpoint) -> TenantEndpoints:
    return TenantEndpoints(
        directory_id=endpoints[0].tenant, endpoint_ids=tuple(one.endpoint_id for one in endpoints)
    )


def any_event_record(
    *,
    event_at: datetime | None = None,
    detail_type: str = "BarcodeIssued",
    of: Row | None = None,
    seed: int | None = None,
) -> EventRecord:
    """Return one of the default tenant, with a body as small as a real one.

    `of` is the row whose first outcome it is.
    """
    source = draw(seed)
    identity = str(uuid.UUID(int=source.getrandbits(128), version=4))
    if of is not None:
        identity = event_id(entity=of.key, detail_type=detail_type, version=1)
    at = event_at or any_moment(seed=seed)
    customer_ref, signup_id = f"cus_{any_word(seed=seed)}", f"signup-{any_number(seed=seed)}"
    metadata = {"id": identity, "version": 1, "sequence": 1, "occurred_at": at.isoformat()}
    body = {
        "type": detail_type,
        "timestamp": at.isoformat(),
        "source": "couponbus.barcodes",
        "metadata": {**metadata, "tenant": TENANT},
        "data": {"signup_id": signup_id, "customer_ref": customer_ref},
    }
    return EventRecord(
        event_id=identity,
        tenant=TENANT,
        source="couponbus.barcodes",
        detail_type=detail_type,
        event_at=at,
        body=body_text(body),
        customer_ref=customer_ref,
    )


def any_history_page(*, seed: int | None = None) -> HistoryPage:
    """Return one of up to five events."""
    at = any_moment(seed=seed)
    number = draw(seed).randrange(1, 6)
    seeds = [None if seed is None else seed + each for each in range(number)]
    return HistoryPage.of([any_event_record(event_at=at, seed=each) for each in seeds])


def delivery_of(event: EventRecord, endpoint: Endpoint) -> Delivery:
    """Return the new delivery of an event to an endpoint, as of its publication."""
    return new_delivery(
        tenant=event.tenant,
        endpoint_id=endpoint.endpoint_id,
        event_id=event.event_id,
        detail_type=event.detail_type,
        now=event.event_at,
        sweep_after=SCHEDULE[1],
    )


def any_delivery(*, seed: int | None = None) -> Delivery:
    """Return one in any state, in its first round or in one of a replay."""
    source = draw(seed)
    fresh = delivery_of(any_event_record(seed=seed), any_endpoint(seed=seed))
    now = fresh.created_at + timedelta(seconds=source.randrange(10**5))
    soon = now + timedelta(seconds=60)
    tried = fresh.claimed(now=now, until=soon, sweep_at=soon)
    failed = tried.failed(reason="status_500", status=500, retry_after=None, now=soon)
    ended = failed.given_up(reason=Unsent.ENDPOINT_REMOVED, now=soon)
    return source.choice(
        [
            fresh,
            fresh.put_off(until=soon),
            tried,
            failed,
            tried.failed(reason="read_timeout", status=None, retry_after=None, now=soon),
            tried.released(until=soon),
            tried.delivered(status=204, now=soon),
            ended,
            ended.replayed(replay_id=any_word(seed=seed), now=soon, at=soon),
        ]
    )


def any_parked(*, seed: int | None = None) -> Delivery:
    """Return one that waits for its endpoint."""
    fresh = delivery_of(any_event_record(seed=seed), any_endpoint(seed=seed))
    return fresh.park(now=fresh.created_at)


def any_parking(*, seed: int | None = None) -> Parking:
    """Return the parking row of an endpoint, before or after it has woken deliveries."""
    now, source = any_moment(seed=seed), draw(seed)
    fresh = Parking(parking_id=any_word(seed=seed)).expecting(now)
    woken = fresh.woke(last=any_delivery(seed=seed).key, width=20, now=now)
    return source.choice([fresh, woken, woken.found_nothing(now=now)])


def any_replay(*, rate: int = 50, seed: int | None = None) -> Replay:
    return Replay(
        replay_id=any_word(seed=seed),
        tenant=TENANT,
        selection="{}",
        requested_by="operator",
        began_at=any_moment(seed=seed),
        planned=1,
        rate=rate,
    )
