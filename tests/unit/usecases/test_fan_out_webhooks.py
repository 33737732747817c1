"""An event becomes one delivery for each endpoint that wants it, however often it arrives."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.delivery import DeliveryState
from couponbus.domain.endpoint import DisabledBecause, Endpoint
from couponbus.domain.webhook import HELD
from couponbus.events.commands import DELIVERIES_PER_COMMAND, AttemptDeliveries
from couponbus.events.sign_up_rejected import SignUpRejected
from couponbus.usecases.intake import Message
from couponbus.usecases.tally import Count
from tests import factories
from tests.fakes.clock import NOON
from tests.unit.usecases.webhook_world import TIMING, WebhookWorld, notification

PATTERN = '{"detail-type": ["BarcodeIssued"]}'
POISON = Message(message_id="poison", body="{")
HANDOVER = timedelta(seconds=TIMING.handover)


def disabled(endpoint: Endpoint) -> Endpoint:
    return endpoint.disabled(because=DisabledBecause.OPERATOR, now=NOON, publish_by=NOON)


def removed(endpoint: Endpoint) -> Endpoint:
    return endpoint.removed(now=NOON)


def failing(endpoint: Endpoint) -> Endpoint:
    return endpoint.failed(now=NOON, publish_by=NOON)


def of_tenant(event: SignUpRejected, tenant: str) -> SignUpRejected:
    return event.model_copy(
        update={"metadata": event.metadata.model_copy(update={"tenant": tenant})}
    )


def asked_for(world: WebhookWorld) -> list[tuple[str, str, int]]:
    """Return the kind, the endpoint and the size of each message that was sent."""
    sent = world.deliveries.sent
    assert all(isinstance(one, AttemptDeliveries) for one in sent)
    return [
        (one.attempt, one.endpoint_id, len(one.keys))
        for one in sent
        if isinstance(one, AttemptDeliveries)
    ]


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
    assert report.tally == {Count.EVENTS: 1, Count.DELIVERIES: 2}
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


def test_what_happened_is_remembered_word_for_word_whoever_wants_it() -> None:
    world = WebhookWorld()
    event = factories.any_event()

    world.fan_out(event)

    (past,) = world.past_events
    body = json.loads(past.body)
    assert list(body) == ["type", "timestamp", "source", "metadata", "data"]
    assert (body["type"], body["source"]) == ("SignUpRejected", "couponbus.sign_ups")
    told = json.loads(event.model_dump_json())
    assert (body["metadata"], body["data"]) == (told["metadata"], told["data"])
    assert body["timestamp"] == told["metadata"]["occurred_at"]
    assert (past.event_id, past.signup_id) == (event.metadata.id, event.data.signup_id)
    assert past.told_at == NOON
    assert world.all_deliveries == []


def test_an_endpoint_of_another_tenant_hears_nothing() -> None:
    world = WebhookWorld()
    world.has(world.make("ours"), world.make("theirs", tenant="brand"))

    world.fan_out(factories.any_event(), of_tenant(factories.any_event(), "nobody"))

    assert [one.endpoint_id for one in world.all_deliveries] == ["ours"]
    assert len(world.past_events) == 2


def test_events_of_several_tenants_in_a_batch_go_to_their_own_endpoints() -> None:
    world = WebhookWorld()
    world.has(world.make("ours"), world.make("theirs", tenant="brand"))
    mine, other = factories.any_event(), of_tenant(factories.any_event(), "brand")

    world.fan_out(mine, other)

    told = {(one.endpoint_id, one.event_id, one.tenant) for one in world.all_deliveries}
    assert told == {
        ("ours", mine.metadata.id, "default"),
        ("theirs", other.metadata.id, "brand"),
    }


def test_an_event_that_comes_twice_makes_nothing_twice() -> None:
    world = WebhookWorld()
    world.has(world.make())
    event = factories.any_event()
    world.fan_out(event, event)
    before = dict(world.ledger.rows)
    world.clock.pass_time(1)

    report = world.fan_out(event)

    assert world.ledger.rows == before
    assert report.tally == {Count.EVENTS: 1}


def test_a_batch_that_was_carried_half_way_is_carried_again_without_doubling() -> None:
    world = WebhookWorld()
    world.has(world.make("one"), world.make("other"))
    events = [factories.any_event() for _ in range(3)]
    world.fan_out(events[0])
    world.deliver()
    lost = world.delivery(events[0], "other")
    del world.ledger.rows[lost.key]

    report = world.fan_out(*events)

    assert report.failed == []
    assert len(world.all_deliveries) == 6
    assert world.delivery(events[0], "one").state is DeliveryState.DELIVERED
    # Not for what was delivered already.
    assert asked_for(world) == [("first", "other", 3), ("first", "one", 2)]


def test_a_lost_answer_of_the_ledger_is_no_reason_to_come_again() -> None:
    world = WebhookWorld()
    world.has(world.make())
    world.ledger.will_lose_the_answer()

    report = world.fan_out(factories.any_event())

    assert report.failed == []
    assert asked_for(world) == [("first", "shop", 1)]


@pytest.mark.parametrize("answered_reads", [0, 1])
def test_when_the_ledger_cannot_be_read_all_comes_again(answered_reads: int) -> None:
    world = WebhookWorld()
    world.has(world.make())
    events = [factories.any_event() for _ in range(2)]
    world.ledger.will_fail("read", after=answered_reads)

    report = world.fan_out(*events)

    assert report.failed == [f"m-{event.metadata.id}" for event in events]
    assert world.past_events == []
    assert world.fan_out(*events).failed == []


def test_when_the_ledger_does_not_take_it_all_comes_again_and_nobody_is_asked() -> None:
    world = WebhookWorld()
    world.has(world.make())
    event = factories.any_event()
    world.ledger.will_fail("write", times=3)

    report = world.fan_out(event)

    assert report.failed == [f"m-{event.metadata.id}"]
    assert report.stumbles == []
    assert world.deliveries.sent == []


def test_a_first_attempt_whose_message_is_lost_is_made_by_the_sweeper() -> None:
    world = WebhookWorld()
    world.has(world.make())
    event = factories.any_event()
    world.deliveries.will_fail()

    assert world.fan_out(event).failed == []
    world.cycle(seconds=TIMING.handover - 1)
    early = list(world.arrived())
    world.cycle(seconds=60)

    assert (early, len(world.arrived())) == ([], 1)
    assert world.delivery(event).state is DeliveryState.DELIVERED


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


def test_an_endpoint_whose_pattern_is_broken_harms_nobody_else() -> None:
    world = WebhookWorld()
    world.has(
        replace(world.make("a"), pattern="{"),
        replace(world.make("b"), pattern="[]"),
        replace(world.make("c"), pattern='{"detail-type": "not a list"}'),
        replace(world.make("d"), pattern="[" * 100_000),
        world.make(),
    )

    report = world.fan_out(factories.any_event())

    assert [one.endpoint_id for one in world.all_deliveries] == ["shop"]
    assert report.tally[Count.MISCONFIGURED] == 4


def test_an_endpoint_that_is_listed_and_not_there_is_left_out() -> None:
    world = WebhookWorld()
    world.has(world.make("ghost"), world.make())
    del world.ledger.rows[world.endpoint("ghost").key]

    report = world.fan_out(factories.any_event())

    assert report.failed == []
    assert [one.endpoint_id for one in world.all_deliveries] == ["shop"]


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


def test_what_is_no_event_is_put_aside_and_the_rest_is_carried() -> None:
    world = WebhookWorld()
    world.has(world.make())
    good = notification(factories.any_event())

    report = world.fan_out_messages(POISON, good)

    assert report.failed == []
    assert report.tally[Count.QUARANTINED] == 1
    assert [letter.message_id for letter in world.quarantine.letters] == ["poison"]
    assert len(world.all_deliveries) == 1


def test_what_cannot_be_put_aside_comes_again_alone() -> None:
    world = WebhookWorld()
    world.quarantine.will_fail()
    good = notification(factories.any_event())

    report = world.fan_out_messages(POISON, good)

    assert report.failed == ["poison"]


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
