"""Before a send: the endpoint still exists, still subscribes, and has signing keys."""

from datetime import timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.errors import SecretUnavailable
from couponbus.domain.webhooks.delivery import Delivery, DeliveryState, Unsent
from couponbus.domain.webhooks.endpoint import DisabledBecause
from couponbus.domain.webhooks.retry_schedule import ATTEMPTS, FORGIVEN
from couponbus.events.base import PublishedEvent
from couponbus.usecases.invocation import Metric
from couponbus.usecases.webhooks.prepare import REDRIVEN_WITHIN
from tests import factories
from tests.fakes.clock import NOON
from tests.fakes.signing_keys import key_not_real
from tests.fakes.webhooks import answered
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld, url_of

A_SECOND, A_MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def a_world(*names: str) -> tuple[WebhookWorld, PublishedEvent]:
    """Return a world with a published event and nothing sent yet."""
    world = WebhookWorld()
    world.has(*map(world.make, names or ("shop",)))
    event = factories.any_event()
    world.fan_out(event)
    return world, event


def how_it_ended(delivery: Delivery) -> tuple[DeliveryState, str | None, int]:
    return delivery.state, delivery.reason, delivery.attempt


def test_what_was_for_a_removed_endpoint_is_given_up() -> None:
    world, event = a_world()
    world.change(world.endpoint().removed(now=NOON))

    report = world.deliver()

    assert report.metrics == {Metric.EXHAUSTED: 1}
    ended = how_it_ended(world.delivery(event))
    assert ended == (DeliveryState.EXHAUSTED, Unsent.ENDPOINT_REMOVED, 0)
    assert world.arrived() == []


def test_what_was_for_an_endpoint_that_is_not_there_is_given_up() -> None:
    world, event = a_world()
    del world.ledger.rows[world.endpoint().key]

    world.deliver()

    assert world.delivery(event).reason == Unsent.ENDPOINT_REMOVED


def test_what_was_for_an_endpoint_of_that_name_of_another_tenant_is_given_up() -> None:
    world, event = a_world()
    world.change(replace(world.endpoint(), tenant="brand"))

    world.deliver()

    assert world.delivery(event).reason == Unsent.ENDPOINT_REMOVED
    assert world.arrived() == []


def test_what_was_for_a_disabled_endpoint_is_given_up() -> None:
    world, event = a_world()
    gone = world.endpoint().disabled(because=DisabledBecause.GONE, now=NOON, publish_by=NOON)
    world.change(gone)

    world.deliver()

    ended = how_it_ended(world.delivery(event))
    assert ended == (DeliveryState.EXHAUSTED, Unsent.ENDPOINT_DISABLED, 0)


def test_what_was_for_a_paused_endpoint_is_held() -> None:
    world, event = a_world()
    world.change(world.endpoint().paused(now=NOON))

    report = world.deliver()

    assert report.metrics == {Metric.DEFERRED: 1}
    held = world.delivery(event)
    assert (held.state, held.attempt, held.parked) == (DeliveryState.PENDING, 0, True)


def test_a_delivery_waits_for_its_event_as_long_as_its_message_may_come_again() -> None:
    world, event = a_world()
    (past,) = world.past_events
    del world.ledger.rows[past.key]
    written = world.delivery(event).revision

    world.deliver()
    for _ in range(24):
        world.cycle(seconds=3600)

    waiting = world.delivery(event)
    assert how_it_ended(waiting) == (DeliveryState.PENDING, None, 0)
    assert waiting.revision - written <= 30
    world.ledger.rows[past.key] = past
    for _ in range(48):
        world.cycle(seconds=3600)
    assert len(world.arrived()) == 1


def test_an_event_that_is_forgotten_is_not_sent() -> None:
    world, event = a_world()
    (past,) = world.past_events
    del world.ledger.rows[past.key]
    row = world.delivery(event)
    world.ledger.rows[row.key] = replace(row, created_at=NOON - REDRIVEN_WITHIN - A_SECOND)

    world.deliver()

    ended = how_it_ended(world.delivery(event))
    assert ended == (DeliveryState.EXHAUSTED, Unsent.EVENT_FORGOTTEN, 0)


def test_after_a_last_attempt_of_unknown_outcome_there_is_no_other() -> None:
    world, event = a_world()
    row = replace(world.delivery(event), attempt=ATTEMPTS, status=500)
    world.ledger.rows[row.key] = row

    world.deliver()

    assert how_it_ended(world.delivery(event)) == (
        DeliveryState.EXHAUSTED,
        Unsent.INTERRUPTED,
        ATTEMPTS,
    )


def test_first_attempts_wait_when_their_endpoint_has_failed_meanwhile() -> None:
    world, event = a_world("shop", "erp")
    world.change(world.endpoint().failed(now=NOON - FORGIVEN, publish_by=NOON))

    report = world.deliver()

    assert (len(world.arrived()), len(world.arrived("erp"))) == (0, 1)
    assert (world.delivery(event).attempt, report.metrics[Metric.DEFERRED]) == (0, 1)
    world.cycle()
    assert len(world.arrived()) == 1


def test_what_has_only_just_failed_is_tried_all_the_same() -> None:
    world, event = a_world("shop", "erp")
    world.change(world.endpoint().failed(now=NOON - FORGIVEN + A_SECOND, publish_by=NOON))

    world.deliver()

    assert world.delivery(event).state is DeliveryState.DELIVERED


def test_without_a_key_nothing_is_sent_and_nothing_is_counted_as_tried() -> None:
    world, event = a_world("shop", "erp")
    del world.signing_keys.keys["shop"]

    report = world.deliver()

    assert (len(world.arrived()), len(world.arrived("erp"))) == (0, 1)
    waiting = world.delivery(event)
    assert (waiting.attempt, waiting.due_at) == (0, NOON + A_MINUTE)
    assert (report.metrics[Metric.MISCONFIGURED], report.metrics[Metric.DEFERRED]) == (1, 1)
    world.signing_keys.keys["shop"] = [key_not_real("late")]
    world.cycle(seconds=61)
    assert world.delivery(event).state is DeliveryState.DELIVERED


def test_while_secrets_cannot_be_read_everything_waits() -> None:
    world, event = a_world()
    world.signing_keys.failure = SecretUnavailable("webhooks: ReadTimeoutError")
    world.deliver()
    world.signing_keys.failure = None

    world.cycle(seconds=61)

    assert world.delivery(event).state is DeliveryState.DELIVERED


def test_a_pace_is_kept() -> None:
    world = WebhookWorld()
    world.has(replace(world.make(), rate=2))

    world.fan_out_and_deliver(*(factories.any_event() for _ in range(10)))

    sent = sorted(one.at for one in world.arrived())
    assert len(sent) == 10
    # Attempts of one strand run in sequence here, as there are no threads.
    assert (sent[-1] - sent[0]).total_seconds() > 9 / 2


def test_no_slot_is_taken_that_lies_beyond_the_invocation() -> None:
    world = WebhookWorld()
    world.has(replace(world.make(), rate=1))
    world.webhooks.always(url_of("shop"), answered(204, seconds=0.0))

    report = world.fan_out_and_deliver(*(factories.any_event() for _ in range(80)))

    assert report.metrics[Metric.UNSENT] == 0
    assert 30 < len(world.arrived()) < 40
    assert world.clock.now() <= NOON + timedelta(seconds=45)
    waiting = sorted(one.due_at for one in world.all_deliveries if one.due_at is not None)
    assert len(waiting) == 80 - len(world.arrived())
    # One per second, as their slots would come.
    assert (waiting[-1] - waiting[0]).total_seconds() == pytest.approx(len(waiting) - 1, rel=0.05)


def test_a_delivery_without_a_slot_soon_enough_comes_when_there_is_one() -> None:
    world = WebhookWorld()
    world.has(replace(world.make(), rate=1), world.make("erp"))
    taken = world.pace.reserve(endpoint_id="shop", per_second=1, calls=30, within=0.0)
    events = [factories.any_event() for _ in range(3)]

    report = world.fan_out_and_deliver(*events)

    assert taken is not None
    assert report.metrics[Metric.DEFERRED] == 3
    assert (len(world.arrived()), len(world.arrived("erp"))) == (0, 3)
    due = [one.due_at for one in map(world.delivery, events) if one.due_at is not None]
    assert all(timedelta(seconds=20) < each - NOON < timedelta(seconds=30) for each in due)
    world.cycle(seconds=60)
    assert len(world.arrived()) == 3


def test_a_pace_that_cannot_be_read_delays_no_other_endpoint() -> None:
    world = WebhookWorld()
    world.has(replace(world.make(), rate=1), replace(world.make("erp"), rate=1))
    world.pace.silent.add("shop")
    event = factories.any_event()

    report = world.fan_out_and_deliver(event)

    assert report.failed == []
    assert (len(world.arrived()), len(world.arrived("erp"))) == (0, 1)
    assert world.delivery(event).due_at == NOON + A_MINUTE


def test_a_delivery_whose_event_is_of_another_tenant_is_given_up_and_alarms() -> None:
    world, event = a_world()
    (past,) = world.past_events
    world.ledger.rows[past.key] = replace(past, tenant="brand")

    report = world.deliver()

    assert world.delivery(event).reason == Unsent.EVENT_CONTRADICTED
    assert (report.metrics[Metric.CONTRADICTED_EVENTS], world.arrived()) == (1, [])
