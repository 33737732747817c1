"""Crashes, repeated messages and operators' changes cost at most one more attempt."""

import pytest

from couponbus.domain.webhooks.delivery import DeliveryState, Unsent
from couponbus.domain.webhooks.retry_schedule import ATTEMPTS
from tests import factories
from tests.fakes.webhooks import Death, answered, die
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld, url_of

SHOP = url_of("shop")


def a_world() -> WebhookWorld:
    world = WebhookWorld()
    world.has(world.make())
    return world


def test_a_process_that_dies_after_sending_leads_to_another_attempt_under_the_same_id() -> None:
    world = a_world()
    event = factories.any_event()
    world.fan_out(event)
    world.webhooks.after_arrival = die

    with pytest.raises(Death):
        world.deliver()
    world.pass_hours(1, step=60)

    first, second = world.arrived()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert (world.delivery(event).state, world.delivery(event).attempt) == (
        DeliveryState.DELIVERED,
        1,
    )


def test_processes_that_always_die_make_a_bounded_number_of_attempts() -> None:
    world = a_world()
    event = factories.any_event()
    world.fan_out(event)

    for _ in range(3 * ATTEMPTS):
        world.clock.pass_time(600)
        world.sweep()
        world.webhooks.after_arrival = die
        try:
            world.redeliver()
        except Death:
            continue

    assert len(world.arrived()) == ATTEMPTS
    ended = world.delivery(event)
    assert (ended.state, ended.reason) == (DeliveryState.EXHAUSTED, Unsent.INTERRUPTED)


def test_no_other_worker_sends_what_is_being_sent() -> None:
    world = a_world()
    event = factories.any_event()
    world.fan_out(event)
    world.webhooks.will(SHOP, answered(500))
    world.deliver()
    world.clock.pass_time(60)
    world.sweep()
    twice = [*world.redeliveries.sent, *world.redeliveries.sent]

    def meanwhile() -> None:
        world.redeliveries.sent = twice
        world.redeliver()

    world.webhooks.after_arrival = meanwhile
    world.redeliver()

    assert len(world.arrived()) == 2
    assert world.delivery(event).attempt == 2


@pytest.mark.parametrize("statuses", [(204, 204), (204, 500), (500, 204)])
def test_a_first_attempt_that_two_workers_make_is_delivered_if_either_is_accepted(
    statuses: tuple[int, int],
) -> None:
    world = a_world()
    event = factories.any_event()
    world.fan_out(event)
    twice = list(world.deliveries.sent)
    world.webhooks.will(SHOP, *map(answered, statuses))

    def meanwhile() -> None:
        world.deliveries.sent = twice
        world.deliver()

    world.webhooks.after_arrival = meanwhile
    world.deliver()
    world.pass_hours(1, step=60)

    first, second = world.arrived()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    taken = world.delivery(event)
    assert (taken.state, taken.attempt, taken.due_at) == (DeliveryState.DELIVERED, 1, None)


def test_a_delivery_that_was_moved_while_it_was_sent_goes_on_as_it_is() -> None:
    world = a_world()
    event = factories.any_event()
    world.fan_out(event)

    def send_again() -> None:
        row, now = world.delivery(event), world.clock.now()
        again = row.replayed(replay_id="replay-1", now=now, at=now).written("operator")
        world.ledger.rows[row.key] = again

    world.webhooks.after_arrival = send_again
    world.deliver()
    between = world.delivery(event)
    world.cycle()

    assert (between.round, between.state) == (2, DeliveryState.PENDING)
    assert (world.delivery(event).round, world.delivery(event).state) == (
        2,
        DeliveryState.DELIVERED,
    )
    assert len(world.arrived()) == 2


def test_a_key_without_a_delivery_is_ignored() -> None:
    world = a_world()
    event = factories.any_event()
    world.fan_out(event)
    (command,) = world.deliveries.sent
    keys = ("DELIVERY#UNKNOWN", world.endpoint().key)
    world.deliveries.sent = [command.model_copy(update={"keys": keys})]

    report = world.deliver()

    assert (report.failed, report.metrics) == ([], {})
    assert world.arrived() == []


def test_a_message_that_comes_again_after_success_sends_nothing() -> None:
    world = a_world()
    world.fan_out(factories.any_event())
    again = list(world.deliveries.sent)
    world.deliver()
    world.deliveries.sent = again

    report = world.deliver()

    assert report.metrics == {}
    assert len(world.arrived()) == 1
