"""Repeats, broken messages and silent services make no delivery twice and lose none."""

import json

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.webhooks.delivery import DeliveryState
from couponbus.domain.webhooks.parking import Parking, parking_key
from couponbus.events.sign_up_rejected import SignUpRejected
from couponbus.usecases.invocation import Metric
from couponbus.usecases.messages import Message
from couponbus.usecases.store import Store
from couponbus.usecases.webhooks.park_deliveries import ParkingDeliveries
from tests import factories
from tests.fakes.clock import NOON
from tests.unit.usecases.webhooks.webhook_world import TIMING, WebhookWorld, asked_for, notification
from tests.webhook_factories import any_event_record, delivery_of

POISON = Message(message_id="poison", body="{")


def test_an_event_that_comes_twice_makes_nothing_twice() -> None:
    world = WebhookWorld()
    world.has(world.make())
    event = factories.any_event()
    world.fan_out(event, event)
    before = dict(world.ledger.rows)
    world.clock.pass_time(1)

    report = world.fan_out(event)

    assert world.ledger.rows == before
    assert report.metrics == {Metric.EVENTS: 1}


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


def test_when_the_ledger_does_not_take_it_all_comes_again_and_nothing_is_enqueued() -> None:
    world = WebhookWorld()
    world.has(world.make())
    event = factories.any_event()
    world.ledger.will_fail("write", times=3)

    report = world.fan_out(event)

    assert report.failed == [f"m-{event.metadata.id}"]
    assert report.bugs == []
    assert world.deliveries.sent == []


def test_a_first_attempt_whose_message_is_lost_is_made_by_the_sweeper() -> None:
    world = WebhookWorld()
    world.has(world.make())
    event = factories.any_event()
    world.deliveries.will_fail()

    report = world.fan_out(event)
    world.cycle(seconds=TIMING.handover - 1)
    early = list(world.arrived())
    world.cycle(seconds=60)

    assert (report.failed, sum(report.undone.values())) == ([], 1)
    assert (early, len(world.arrived())) == ([], 1)
    assert world.delivery(event).state is DeliveryState.DELIVERED


def test_an_endpoint_whose_pattern_is_broken_harms_no_other() -> None:
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
    assert report.metrics[Metric.MISCONFIGURED] == 4


def test_an_endpoint_that_is_listed_and_not_there_is_left_out() -> None:
    world = WebhookWorld()
    world.has(world.make("ghost"), world.make())
    del world.ledger.rows[world.endpoint("ghost").key]

    report = world.fan_out(factories.any_event())

    assert report.failed == []
    assert [one.endpoint_id for one in world.all_deliveries] == ["shop"]


def test_what_is_no_event_is_put_aside_and_the_rest_is_carried() -> None:
    world = WebhookWorld()
    world.has(world.make())
    good = notification(factories.any_event())

    report = world.fan_out_messages(POISON, good)

    assert report.failed == []
    assert report.metrics[Metric.QUARANTINED] == 1
    assert [letter.message_id for letter in world.quarantine.letters] == ["poison"]
    assert len(world.all_deliveries) == 1


def test_what_cannot_be_put_aside_comes_again_alone() -> None:
    world = WebhookWorld()
    world.quarantine.will_fail()
    good = notification(factories.any_event())

    report = world.fan_out_messages(POISON, good)

    assert report.failed == ["poison"]


def test_nothing_is_parked_behind_a_row_that_cannot_be_read() -> None:
    world = WebhookWorld()
    one, two = world.make("one"), world.make("two")
    rows = [
        delivery_of(any_event_record(event_at=NOON), each).park(now=NOON) for each in (one, two)
    ]
    world.ledger.rows[parking_key("one")] = Parking(parking_id="one").written("a newer version")
    world.ledger.broken.add(parking_key("one"))

    store = Store(ledger=world.ledger, ids=world.base.ids, clock=world.clock)
    stored = ParkingDeliveries(store=store).write(rows)

    assert stored.broken == {rows[0].key}
    assert [row.key for row in stored.written] == [rows[1].key]


def saying(event: SignUpRejected, *, reason: str) -> SignUpRejected:
    return event.model_copy(update={"data": event.data.model_copy(update={"reason": reason})})


def test_an_event_with_other_facts_under_a_known_id_alarms_and_changes_nothing() -> None:
    world = WebhookWorld()
    world.has(world.make())
    event = factories.any_event()
    world.fan_out(event)
    before = dict(world.ledger.rows)

    report = world.fan_out(saying(event, reason="other"))

    assert report.failed == []
    assert report.metrics[Metric.CONTRADICTED_EVENTS] == 1
    assert world.ledger.rows == before
    assert [(one.reason, one.event_id) for one in world.quarantine.letters] == [
        ("contradicted", event.metadata.id)
    ]


def test_of_two_events_of_one_batch_that_contradict_each_other_the_first_counts() -> None:
    world = WebhookWorld()
    world.has(world.make())
    event = factories.any_event()

    report = world.fan_out(event, saying(event, reason="other"))

    assert report.metrics[Metric.CONTRADICTED_EVENTS] == 1
    assert [one.data["reason"] for one in world.past_events] == [event.data.reason]


def test_an_event_of_another_version_of_ours_that_says_more_is_the_same_fact() -> None:
    world = WebhookWorld()
    event = factories.any_event()
    world.fan_out(event)
    content = json.loads(notification(event).body)
    content["detail"]["data"]["more"] = 1

    report = world.fan_out_messages(Message(message_id="again", body=json.dumps(content)))

    assert (report.metrics, world.quarantine.letters) == ({Metric.EVENTS: 1}, [])


def test_of_a_message_with_several_events_an_invalid_one_holds_back_no_other() -> None:
    world = WebhookWorld()
    world.has(world.make())
    bodies = [notification(factories.any_event()).body for _ in range(3)]

    report = world.fan_out_messages(
        Message(message_id="several", body=f"[{bodies[0]},{{}},{bodies[1]},{bodies[2]}]")
    )

    assert (report.failed, len(world.all_deliveries)) == ([], 3)
    assert [one.reason for one in world.quarantine.letters] == ["schema"]
