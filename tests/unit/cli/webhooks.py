"""A stage with endpoints, the events that they got, and their deliveries."""

from dataclasses import replace
from datetime import timedelta

from couponbus.domain.row import Row
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.endpoint import DisabledBecause, Endpoint, endpoint_key
from couponbus.domain.webhooks.event_record import EventRecord
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.stage import FakeStage
from tests.webhook_factories import any_endpoint, any_event_record, delivery_of, directory_of

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
TOKEN = "token-not-real"


def an_endpoint(name: str = "shop", *, tenant: str = "default") -> Endpoint:
    """Return one that is a week old at noon, with a token in its URL."""
    return replace(
        any_endpoint(),
        endpoint_id=name,
        tenant=tenant,
        url=f"https://hooks.{name}.example/{TOKEN}",
        created_at=NOON - 7 * DAY,
    )


def an_event(
    *, hours_ago: float = 1, detail_type: str = "BarcodeIssued", of: Row | None = None
) -> EventRecord:
    return any_event_record(event_at=NOON - hours_ago * HOUR, detail_type=detail_type, of=of)


def taken(event: EventRecord, endpoint: Endpoint) -> Delivery:
    """Return it as delivered at the first attempt, a second after its event was published."""
    return _attempted(event, endpoint).delivered(status=204, now=event.event_at + SECOND)


def failed(event: EventRecord, endpoint: Endpoint, *, reason: str = "status_500") -> Delivery:
    """Return it as failed once, and to be retried."""
    status = 500 if reason == "status_500" else None
    return _attempted(event, endpoint).failed(
        reason=reason, status=status, retry_after=None, now=event.event_at + SECOND
    )


def exhausted(event: EventRecord, endpoint: Endpoint) -> Delivery:
    return failed(event, endpoint).given_up(
        reason="endpoint_disabled", now=event.event_at + 2 * SECOND
    )


def disabled(endpoint: Endpoint, *, hours_ago: float = 2) -> Endpoint:
    """Return it as it is after a 410."""
    at = NOON - hours_ago * HOUR
    return endpoint.disabled(because=DisabledBecause.GONE, now=at, publish_by=at).announced(now=at)


def a_stage(*endpoints: Endpoint, rows: tuple[Row, ...] = ()) -> FakeStage:
    """Return a stage that has these endpoints, all of one tenant, and these rows."""
    stored = [*endpoints, *rows, *([directory_of(*endpoints)] if endpoints else [])]
    return FakeStage(MemoryLedger(*(row.written("test") for row in stored)))


def stored(stage: FakeStage, name: str = "shop") -> Endpoint:
    row = stage.ledger.rows[endpoint_key(name)]
    assert isinstance(row, Endpoint)
    return row


def _attempted(event: EventRecord, endpoint: Endpoint) -> Delivery:
    at = event.event_at
    return delivery_of(event, endpoint).claimed(
        now=at, until=at + 60 * SECOND, sweep_at=at + 70 * SECOND
    )
