"""What a shop attached to a redemption is for endpoints with the scope, of its own tenant, only."""

import json

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.polling.recorded_redemption import LastEvent, RecordedRedemption
from couponbus.domain.webhooks.endpoint import Scope
from couponbus.events.base import PublishedEvent
from couponbus.usecases.invocation import Metric
from couponbus.usecases.publishing.event_mapping import announcement
from tests import factories
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld

READER = (Scope.CUSTOM_PARAMS_READ.value,)
PARAMS = '{"p1":"example1"}'


def a_redemption(last_event: LastEvent = LastEvent.RECORDED) -> RecordedRedemption:
    row = factories.any_recorded_redemption()
    return replace(row, tenant="default", last_event=last_event, custom_params=PARAMS)


def redeemed(row: RecordedRedemption) -> tuple[WebhookWorld, PublishedEvent]:
    """Return a world with this redemption, and its event."""
    world = WebhookWorld()
    world.ledger.rows[row.key] = row.written("poller")
    event = announcement(row)
    assert event is not None
    return world, event


@pytest.mark.parametrize("last_event", [LastEvent.RECORDED, LastEvent.UPDATED])
def test_it_is_for_an_endpoint_with_that_scope_only(last_event: LastEvent) -> None:
    world, event = redeemed(a_redemption(last_event))
    others = replace(world.make(), scopes=(Scope.BARCODE_READ.value,))
    world.has(others, replace(world.make("till"), scopes=READER))

    world.fan_out_and_deliver(event)

    (shop,), (till,) = world.arrived(), world.arrived("till")
    sent, read = (json.loads(one.body) for one in (shop, till))
    more = {"custom_params": {"p1": "example1"}, "custom_params_raw": None}
    assert read == {**sent, "data": {**sent["data"], **more}}
    assert "example1" not in shop.body.decode()
    assert all("example1" not in past.body for past in world.past_events)


@pytest.mark.parametrize(
    "text", ["a:1:{s:2:p1;}", "[1]", '{"a":NaN}', '{"a":1e999}', r'{"a":"\ud800"}', '{"a":1,"a":2}']
)
def test_what_is_no_json_object_is_sent_as_the_text_that_it_is(text: str) -> None:
    world, event = redeemed(replace(a_redemption(), custom_params=text))
    world.has(replace(world.make(), scopes=READER))

    world.fan_out_and_deliver(event)

    (one,) = world.arrived()
    data = json.loads(one.body)["data"]
    assert (data["custom_params"], data["custom_params_raw"]) == (None, text)


def test_what_was_erased_meanwhile_is_sent_as_unknown() -> None:
    world, event = redeemed(a_redemption())
    world.has(replace(world.make(), scopes=READER))
    world.fan_out(event)
    [key] = [key for key in world.ledger.rows if key.startswith("REDEMPTION#")]
    row = world.ledger.rows[key]
    assert isinstance(row, RecordedRedemption)
    world.ledger.rows[key] = row.without_params()

    world.deliver()

    (one,) = world.arrived()
    data = json.loads(one.body)["data"]
    assert (data["custom_params"], data["custom_params_raw"]) == (None, None)


def test_that_of_another_tenants_redemption_is_not_sent_and_alarms() -> None:
    world, event = redeemed(a_redemption())
    [key] = [key for key in world.ledger.rows if key.startswith("REDEMPTION#")]
    row = world.ledger.rows[key]
    assert isinstance(row, RecordedRedemption)
    world.ledger.rows[key] = replace(row, tenant="brand")
    world.has(replace(world.make(), scopes=READER))

    report = world.fan_out_and_deliver(event)

    (one,) = world.arrived()
    assert "example1" not in one.body.decode()
    assert report.metrics[Metric.CONTRADICTED_EVENTS] == 1


def test_a_redemption_that_cannot_be_read_delays_only_the_body_that_needs_it() -> None:
    world, event = redeemed(a_redemption())
    world.has(world.make(), replace(world.make("till"), scopes=READER))
    world.fan_out(event)
    world.ledger.broken = {key for key in world.ledger.rows if key.startswith("REDEMPTION#")}

    world.deliver()

    assert (len(world.arrived()), len(world.arrived("till"))) == (1, 0)


def test_a_reversal_brings_none() -> None:
    world, event = redeemed(a_redemption(LastEvent.REVERSED))
    world.has(world.make(), replace(world.make("till"), scopes=READER))

    world.fan_out_and_deliver(event)

    assert world.arrived()[0].body == world.arrived("till")[0].body
