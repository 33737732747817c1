"""The number of a barcode is for endpoints with the scope, and of its own tenant, only."""

import json

from couponbus.domain.copying import replace
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.webhooks.endpoint import Scope
from couponbus.events.base import PublishedEvent
from couponbus.usecases.invocation import Metric
from couponbus.usecases.publishing.event_mapping import announcement
from tests import factories
from tests.fakes.webhooks import answered
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld, url_of

READER = (Scope.BARCODE_READ.value,)


def issued() -> tuple[WebhookWorld, PublishedEvent, str]:
    """Return a world in which a barcode was issued, its event, and its number."""
    world = WebhookWorld()
    row = replace(factories.any_issued(), tenant="default")
    world.ledger.rows[row.key] = row.written("issuer")
    event = announcement(row)
    assert event is not None
    assert row.barcode is not None
    return world, event, row.barcode.number


def test_the_number_of_a_barcode_is_for_an_endpoint_with_that_scope_only() -> None:
    world, event, number = issued()
    world.has(world.make(), replace(world.make("till"), scopes=READER))

    world.fan_out_and_deliver(event)

    (shop,), (till,) = world.arrived(), world.arrived("till")
    assert number not in shop.body.decode()
    sent, read = (json.loads(one.body) for one in (shop, till))
    assert (image := read["data"].pop("barcode_image_url"))
    assert read == {**sent, "data": {**sent["data"], "barcode_number": number}}
    assert all(text not in past.body for past in world.past_events for text in (number, image))


def test_each_attempt_sends_the_number_in_the_same_bytes() -> None:
    world, event, _ = issued()
    world.has(replace(world.make(), scopes=READER))
    world.webhooks.will(url_of("shop"), answered(500), answered(500))

    world.fan_out_and_deliver(event)
    world.pass_hours(2)

    assert len(world.arrived()) == 3
    assert len({one.body for one in world.arrived()}) == 1


def test_a_number_that_is_not_kept_any_more_is_sent_as_unknown() -> None:
    world, event, _ = issued()
    world.has(replace(world.make(), scopes=READER))
    world.fan_out(event)
    for key in [key for key in world.ledger.rows if key.startswith("ISSUANCE#")]:
        del world.ledger.rows[key]

    world.deliver()

    (one,) = world.arrived()
    assert json.loads(one.body)["data"]["barcode_number"] is None


def test_the_number_of_another_tenants_barcode_is_not_sent_and_alarms() -> None:
    world, event, number = issued()
    [key] = [key for key in world.ledger.rows if key.startswith("ISSUANCE#")]
    row = world.ledger.rows[key]
    assert isinstance(row, Issuance)
    world.ledger.rows[key] = replace(row, tenant="brand")
    world.has(replace(world.make(), scopes=READER))

    report = world.fan_out_and_deliver(event)

    (one,) = world.arrived()
    assert number not in one.body.decode()
    assert json.loads(one.body)["data"]["barcode_number"] is None
    assert report.metrics[Metric.CONTRADICTED_EVENTS] == 1


def test_a_scope_adds_nothing_to_other_events() -> None:
    world = WebhookWorld()
    world.has(replace(world.make(), scopes=READER), world.make("plain"))

    world.fan_out_and_deliver(factories.any_event())

    assert world.arrived()[0].body == world.arrived("plain")[0].body
