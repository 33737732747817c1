"""Endpoints, events and deliveries that a newer version has written stop only their own."""

from datetime import UTC, datetime

import pytest

from couponbus.aws.ledger.names import stored_as
from couponbus.usecases.messages import Message
from functions.deliver_webhooks.handler import handler as deliver_webhooks
from functions.fan_out_webhooks.handler import handler as fan_out_webhooks
from tests import factories
from tests.functions.invocation import FakeContext, Output
from tests.functions.newer_rows import event_of, failed, named
from tests.integration.aws.ledger.older_items import older
from tests.integration.aws.ledger.table_ledger import TableLedger
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld, notification

pytestmark = pytest.mark.slow


def webhooks(ledger: TableLedger, *names: str) -> WebhookWorld:
    world = WebhookWorld(ledger=ledger)
    world.clock.pass_time((datetime.now(UTC) - world.clock.now()).total_seconds())
    world.has(*map(world.make, names))
    return world


def fanned_out(world: WebhookWorld, *messages: Message) -> list[str]:
    return failed(
        fan_out_webhooks(event_of(*messages), FakeContext(), service=world.fan_out_webhooks)
    )


def delivered(world: WebhookWorld) -> list[str]:
    sent, world.deliveries.sent = world.deliveries.sent, []
    messages = [
        Message(message_id=f"d-{number}", body=command.model_dump_json())
        for number, command in enumerate(sent)
    ]
    return failed(
        deliver_webhooks(event_of(*messages), FakeContext(), service=world.deliver_webhooks)
    )


def test_an_endpoint_of_next_leaves_the_others_their_webhooks(
    ledger: TableLedger, output: Output
) -> None:
    world = webhooks(ledger, "shop", "till")
    strange = world.endpoint("till")
    ledger.by_next(strange)
    event = factories.any_event()

    again = fanned_out(world, notification(event))

    assert again == [f"m-{event.metadata.id}"]
    assert named(output) == {strange.key}
    assert delivered(world) == []
    assert len(world.arrived("shop")) == 1
    ledger.by_this(strange.key, state="ACTIVE")
    assert fanned_out(world, notification(event)) == []
    assert delivered(world) == []
    assert (len(world.arrived("shop")), len(world.arrived("till"))) == (1, 1)


@pytest.mark.parametrize("what", ["endpoint", "event", "delivery"])
def test_what_next_has_written_of_a_delivery_holds_back_that_one_only(
    what: str, ledger: TableLedger, output: Output
) -> None:
    world = webhooks(ledger, "shop", "till")
    first, second = factories.any_event(), factories.any_event()
    world.fan_out(first, second)
    strange = {
        "endpoint": world.endpoint("till").key,
        "event": f"EVENT#{first.metadata.id}",
        "delivery": world.delivery(first, "till").key,
    }[what]
    item = ledger.item(strange)
    ledger.put(
        {
            **item,
            "state": {"S": "SUSPENDED"},
            stored_as("trail"): {"N": "1"},
            "revision": {"S": "x"},
        }
    )

    assert delivered(world) == []

    assert named(output) == {strange}
    assert len(world.arrived("shop")) == (1 if what == "event" else 2)
    assert len(world.arrived("till")) == (0 if what == "endpoint" else 1)
    ledger.put(item)
    for _ in range(10):
        world.cycle(seconds=120)
    assert (len(world.arrived("shop")), len(world.arrived("till"))) == (2, 2)


def test_what_the_version_before_has_kept_of_an_event_is_sent_as_it_was(
    ledger: TableLedger, output: Output
) -> None:
    world = webhooks(ledger, "shop")
    event = factories.any_event()
    world.fan_out(event)
    kept = ledger.rows[f"EVENT#{event.metadata.id}"]
    ledger.put(older(kept))

    assert fanned_out(world, notification(event)) == []
    assert delivered(world) == []

    (one,) = world.arrived("shop")
    assert named(output) == set()
    assert "traceparent" not in one.headers
    assert ledger.rows[kept.key] == kept
