"""An event becomes one delivery per subscribed endpoint, however often it arrives."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.webhooks.delivery import DeliveryState
from couponbus.domain.webhooks.endpoint import DisabledBecause, Endpoint
from couponbus.domain.webhooks.retry_schedule import FORGIVEN, HELD
from couponbus.events.commands import DELIVERIES_PER_COMMAND
from couponbus.events.sign_up_rejected import SignUpRejected
from couponbus.usecases.invocation import Metric
from tests import factories
from tests.fakes.clock import NOON
from tests.unit.usecases.webhooks.webhook_world import TIMING, WebhookWorld, asked_for

PATTERN = '{"detail-type": ["BarcodeIssued"]}'
HANDOVER = timedelta(seconds=TIMING.handover)


def disabled(endpoint: Endpoint) -> Endpoint:
    return endpoint.disabled(because=DisabledBecause.GONE, now=NOON, publish_by=NOON)


def removed(endpoint: Endpoint) -> Endpoint:
    return endpoint.removed(now=NOON)


def failing(endpoint: Endpoint) -> Endpoint:
    return endpoint.failed(now=NOON - FORGIVEN, publish_by=NOON)


def of_tenant(event: SignUpRejected, tenant: str) -> SignUpRejected:
    return event.model_copy(
        update={"metadata": event.metadata.model_copy(update={"tenant": tenant})}
    )


def test_an_event_makes_one_delivery_for_each_endpoint_that_wants_it() -> None:
    world = WebhookWorld()
    world.has(
        world.make("all"),
        replace(world.make("codes"), pattern=PATTERN),
        replace(world.make("rejected"), pattern='{"detail-type": ["SignUpRejected"]}'),
    )
    event = factories.any_event()

    report = world.fan_out(event)

    assert report.failed == []
    assert sorted(one.endpoint_id for one in world.all_deliveries) == ["all", "rejected"]
    assert report.metrics == {Metric.EVENTS: 1, Metric.DELIVERIES: 2}
    assert asked_for(world) == [("first", "all", 1), ("first", "rejected", 1)]


def test_a_pattern_sees_the_event_as_a_rule_on_the_bus_does() -> None:
    world = WebhookWorld()
    pattern = {
        "source": ["couponbus.sign_ups"],
        "detail": {"metadata": {"tenant": ["default"]}, "data": {"reason": [{"prefix": "sch"}]}},
    }
    world.has(
        replace(world.make(), pattern=json.dumps(pattern)),
        replace(world.make("other"), pattern='{"detail": {"data": {"reason": ["other"]}}}'),
    )

    world.fan_out(factories.any_event())

    assert [one.endpoint_id for one in world.all_deliveries] == ["shop"]


def test_events_are_remembered_word_for_word_whether_or_not_an_endpoint_wants_them() -> None:
    world = WebhookWorld()
    event = factories.any_event()

    world.fan_out(event)

    (past,) = world.past_events
    body = json.loads(past.body)
    assert list(body) == ["type", "timestamp", "source", "metadata", "data"]
    assert (body["type"], body["source"]) == ("SignUpRejected", "couponbus.sign_ups")
    expected = json.loads(event.model_dump_json())
    assert (body["metadata"], body["data"]) == (expected["metadata"], expected["data"])
    assert body["timestamp"] == expected["metadata"]["occurred_at"]
    assert past.event_id == event.metadata.id
    assert past.event_at == NOON
    assert world.all_deliveries == []


def test_an_endpoint_of_another_tenant_hears_nothing() -> None:
    world = WebhookWorld()
    world.has(world.make("ours"), world.make("theirs", tenant="brand"))

    world.fan_out(factories.any_event(), of_tenant(factories.any_event(), "unknown"))

    assert [one.endpoint_id for one in world.all_deliveries] == ["ours"]
    assert len(world.past_events) == 2


def test_events_of_several_tenants_in_a_batch_go_to_their_own_endpoints() -> None:
    world = WebhookWorld()
    world.has(world.make("ours"), world.make("theirs", tenant="brand"))
    mine, other = factories.any_event(), of_tenant(factories.any_event(), "brand")

    world.fan_out(mine, other)

    expected = {(one.endpoint_id, one.event_id, one.tenant) for one in world.all_deliveries}
    assert expected == {
        ("ours", mine.metadata.id, "default"),
        ("theirs", other.metadata.id, "brand"),
    }


def test_first_attempts_for_a_failing_endpoint_are_left_to_the_sweeper_from_the_start() -> None:
    world = WebhookWorld()
    world.has(failing(world.make("dead")), world.make("well"))
    event = factories.any_event()

    world.fan_out(event)

    assert asked_for(world) == [("first", "well", 1)]
    assert world.delivery(event, "dead").due_at == NOON
    assert world.delivery(event, "well").due_at == NOON + HANDOVER


def test_a_paused_endpoint_keeps_what_happens_for_later() -> None:
    world = WebhookWorld()
    world.has(world.make().paused(now=NOON))
    event = factories.any_event()

    world.fan_out(event)
    assert world.delivery(event).parked
    world.pass_hours(13)

    kept = world.delivery(event)
    assert (kept.state, kept.attempt) == (DeliveryState.PENDING, 0)
    assert kept.due_at is not None
    assert world.arrived() == []
    world.change(world.endpoint().resumed(now=world.clock.now()))
    world.pass_hours(HELD / timedelta(hours=1))
    assert len(world.arrived()) == 1


@pytest.mark.parametrize("end", [disabled, removed])
def test_nothing_is_kept_for_an_endpoint_that_is_disabled_or_removed(
    end: Callable[[Endpoint], Endpoint],
) -> None:
    world = WebhookWorld()
    world.has(end(world.make()))

    world.fan_out(factories.any_event())

    assert world.all_deliveries == []


def test_the_messages_of_a_large_batch_have_so_many_keys_each_of_one_endpoint() -> None:
    world = WebhookWorld()
    world.has(world.make("one"), world.make("other"))

    world.fan_out(*(factories.any_event() for _ in range(DELIVERIES_PER_COMMAND + 2)))

    assert sorted(asked_for(world)) == [
        ("first", "one", 2),
        ("first", "one", 10),
        ("first", "other", 2),
        ("first", "other", 10),
    ]
    keys = [key for one in world.deliveries.sent for key in one.model_dump()["keys"]]
    assert sorted(keys) == sorted(one.key for one in world.all_deliveries)


def test_a_delivery_is_named_by_endpoint_and_event_alone() -> None:
    one, other = WebhookWorld(), WebhookWorld()
    event = factories.any_event()
    for world in (one, other):
        world.has(world.make())
        world.clock.pass_time(factories.any_number() / 1e9)
        world.fan_out(event)

    (mine,), (theirs,) = one.all_deliveries, other.all_deliveries
    assert mine.created_at != theirs.created_at
    assert mine.key == theirs.key


def test_what_no_endpoint_wants_is_one_row_with_others_and_what_one_wants_has_its_own() -> None:
    world = WebhookWorld()
    world.has(replace(world.make(), tenant="brand"))
    unwanted = [factories.any_event() for _ in range(20)]
    wanted = of_tenant(factories.any_event(), "brand")

    report = world.fan_out(*unwanted, wanted)

    kinds = Counter(key.partition("#")[0] for key in world.ledger.rows)
    assert (kinds["HISTORY"], kinds["EVENT"], kinds["DELIVERY"]) == (1, 1, 1)
    assert len(world.past_events) == report.metrics[Metric.EVENTS] == 21


def test_a_batch_that_comes_again_is_remembered_once() -> None:
    world = WebhookWorld()
    events = [factories.any_event() for _ in range(5)]
    world.fan_out(*events)
    rows = dict(world.ledger.rows)

    world.clock.pass_time(60)
    report = world.fan_out(*events[::-1])

    assert (report.failed, world.ledger.rows) == ([], rows)


def test_what_cannot_be_remembered_comes_again() -> None:
    world = WebhookWorld()
    events = [factories.any_event() for _ in range(2)]
    world.fan_out(*events)
    (page,) = [key for key in world.ledger.rows if key.startswith("HISTORY#")]
    del world.ledger.rows[page]
    world.ledger.unfit.add(page)

    report = world.fan_out(*events)

    assert sorted(report.failed) == sorted(f"m-{each.metadata.id}" for each in events)
    assert page in report.broken
