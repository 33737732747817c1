"""An endpoint is healthy, failing or disabled; only a change is written."""

from datetime import timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.webhooks.delivery import DeliveryState, Unsent
from couponbus.domain.webhooks.endpoint import DisabledBecause, Endpoint, EndpointState
from couponbus.domain.webhooks.retry_schedule import DISABLED_AFTER, SLOW_SECONDS
from couponbus.events.endpoints import EndpointDisabled
from couponbus.usecases.invocation import Metric
from tests import factories
from tests.fakes.clock import NOON
from tests.fakes.webhooks import answered, unanswered
from tests.unit.usecases.webhooks.webhook_world import TIMING, WebhookWorld, url_of

SHOP = url_of("shop")
STUBBORN = 3  # attempts at one write
HOURS = DISABLED_AFTER / timedelta(hours=1)


def a_world(*names: str) -> WebhookWorld:
    world = WebhookWorld()
    world.has(*map(world.make, names or ("shop",)))
    return world


def disabled_events(world: WebhookWorld) -> list[EndpointDisabled]:
    return [one for one in world.bus.events if isinstance(one, EndpointDisabled)]


def fail_for(world: WebhookWorld, hours: float) -> None:
    """Publish an event every six hours, for some hours."""
    end = world.clock.now() + timedelta(hours=hours)
    while world.clock.now() < end:
        world.fan_out_and_deliver(factories.any_event())
        world.pass_hours(6)


def test_a_healthy_endpoint_is_not_written() -> None:
    world = a_world()
    before = world.endpoint()

    world.fan_out_and_deliver(factories.any_event())
    world.fan_out_and_deliver(factories.any_event())

    assert world.endpoint() == before


def test_the_first_failure_is_noted_and_the_next_ones_are_not() -> None:
    world = a_world()
    world.webhooks.always(SHOP, answered(500))
    world.fan_out_and_deliver(factories.any_event())
    first = world.endpoint()
    assert first.failing_since is not None

    world.pass_hours(5)

    assert world.endpoint() == first


def test_a_success_makes_it_well_again_and_first_attempts_prompt() -> None:
    world = a_world()
    world.webhooks.will(SHOP, answered(500))
    world.fan_out_and_deliver(factories.any_event())

    world.pass_hours(1)

    assert world.endpoint().failing_since is None
    world.fan_out_and_deliver(factories.any_event())
    assert len(world.arrived()) == 3


def test_of_several_answers_one_success_is_enough() -> None:
    world = a_world()
    world.webhooks.will(SHOP, answered(204), answered(500), answered(500))

    world.fan_out_and_deliver(*(factories.any_event() for _ in range(3)))

    assert world.endpoint().failing_since is None


def test_what_was_not_sent_says_nothing_about_an_endpoint() -> None:
    world = a_world("one", "other")
    for name in ("one", "other"):
        endpoint = world.endpoint(name)
        world.change(endpoint.failed(now=NOON - timedelta(days=6), publish_by=NOON))
        world.webhooks.always(url_of(name), answered(500, seconds=14.0))
    world.fan_out(factories.any_event())
    world.sweep()

    report = world.redeliver(within=30.0)

    assert (report.metrics[Metric.ATTEMPTS], report.metrics[Metric.UNSENT]) == (1, 1)
    states = {world.endpoint(name).state for name in ("one", "other")}
    assert states == {EndpointState.DISABLED, EndpointState.ACTIVE}


def test_five_days_of_failing_disable_and_that_is_published_once_and_not_to_itself() -> None:
    world = a_world("shop", "watchdog")
    world.webhooks.always(SHOP, answered(500))

    fail_for(world, HOURS - 12)
    assert world.endpoint().state is EndpointState.ACTIVE
    fail_for(world, 24)
    world.circulate()
    world.deliver()
    world.circulate()
    world.pass_hours(1)

    disabled = world.endpoint()
    assert (disabled.state, disabled.reason) == (EndpointState.DISABLED, DisabledBecause.FAILING)
    (event,) = disabled_events(world)
    assert (event.data.endpoint_id, event.data.reason) == ("shop", "failing")
    assert event.data.host == "shop.receiver.example"
    assert event.data.failing_since == disabled.failing_since
    assert [one.endpoint_id for one in world.all_deliveries if one.event_id == event.metadata.id]
    about = [one for one in world.webhooks.arrived if b"EndpointDisabled" in one.body]
    assert [one.url for one in about] == [url_of("watchdog")]


def test_a_disabled_endpoint_hears_nothing_and_what_waited_is_given_up() -> None:
    world = a_world()
    world.webhooks.always(SHOP, answered(500))
    fail_for(world, HOURS + 12)
    count = len(world.arrived())

    world.fan_out_and_deliver(factories.any_event())
    world.pass_hours(30)

    assert len(world.arrived()) == count
    assert {one.state for one in world.all_deliveries} == {DeliveryState.EXHAUSTED}


def test_an_endpoint_that_hears_when_others_are_disabled_does_not_hear_of_itself() -> None:
    world = a_world()
    world.webhooks.will(SHOP, answered(410))
    world.fan_out_and_deliver(factories.any_event())

    world.change(world.endpoint().resumed(now=world.clock.now()))
    world.circulate()
    world.deliver()

    assert [one.data.endpoint_id for one in disabled_events(world)] == ["shop"]
    assert len(world.arrived()) == 1


def test_a_disabling_that_the_stream_did_not_publish_is_published_by_the_sweeper() -> None:
    world = a_world()
    world.webhooks.will(SHOP, answered(410))
    world.fan_out_and_deliver(factories.any_event())

    world.clock.pass_time(TIMING.publish_grace + 1)
    world.sweep()
    world.sweep()

    assert len(disabled_events(world)) == 1
    assert world.endpoint().due_at is None


def test_each_disabling_is_another_fact() -> None:
    world = a_world()
    world.webhooks.will(SHOP, answered(410), answered(410))

    world.fan_out_and_deliver(factories.any_event())
    world.circulate()
    world.change(world.endpoint().resumed(now=world.clock.now()))
    world.fan_out_and_deliver(factories.any_event())
    world.circulate()

    first, second = disabled_events(world)
    assert first.metadata.id != second.metadata.id
    assert (first.metadata.sequence, second.metadata.sequence) == (1, 2)


@pytest.mark.parametrize("times", [1, 2])
def test_a_concurrent_change_of_an_endpoint_is_not_overwritten(times: int) -> None:
    world = a_world()
    world.webhooks.will(SHOP, answered(410))
    world.fan_out(factories.any_event())

    def rename() -> None:
        world.change(replace(world.endpoint(), description="renamed"))

    for _ in range(times):
        world.ledger.will_be_overtaken(rename, after=1 if _ == 0 else 0)
    report = world.deliver()

    assert report.failed == []
    assert world.endpoint().description == "renamed"
    assert world.endpoint().state is EndpointState.DISABLED
    assert report.metrics[Metric.DISABLED] == 1


def test_an_endpoint_that_changes_all_the_time_has_its_messages_come_again() -> None:
    world = a_world()
    world.webhooks.will(SHOP, answered(410))
    event = factories.any_event()
    world.fan_out(event)

    def touch() -> None:
        world.change(world.endpoint())

    for _ in range(3):
        world.ledger.will_be_overtaken(touch)
    report = world.deliver()

    assert report.failed == ["d-0"]
    assert world.delivery(event).state is DeliveryState.PENDING


def test_a_slow_endpoint_is_left_to_the_sweeper_until_it_is_quick_again() -> None:
    world = a_world()
    world.webhooks.will(SHOP, answered(200, seconds=SLOW_SECONDS), answered(200))
    world.fan_out_and_deliver(factories.any_event())
    slow = world.endpoint().slow_since

    world.fan_out_and_deliver(second := factories.any_event())
    waits = world.delivery(second)
    world.cycle()

    assert slow is not None
    assert (waits.state, waits.attempt) == (DeliveryState.PENDING, 0)
    assert world.delivery(second).state is DeliveryState.DELIVERED
    assert world.endpoint().slow_since is None


def test_a_silence_among_successes_makes_slow_and_not_failing() -> None:
    world = a_world()
    world.webhooks.will(SHOP, answered(204), unanswered())

    world.fan_out_and_deliver(*(factories.any_event() for _ in range(2)))
    world.fan_out_and_deliver(waits := factories.any_event())

    assert world.endpoint().failing_since is None
    assert world.endpoint().keeps_waiting(world.clock.now())
    assert world.delivery(waits).attempt == 0


def test_a_quick_refusal_does_not_make_quick() -> None:
    world = a_world()
    world.webhooks.will(SHOP, unanswered(), answered(500), answered(204))
    world.fan_out_and_deliver(factories.any_event())

    world.cycle()
    refused = world.endpoint()
    world.pass_hours(1)

    assert refused.slow_since is not None
    assert not world.endpoint().keeps_waiting(world.clock.now())


def test_what_is_learnt_is_stored_even_if_the_delivery_it_was_learnt_from_cannot_be() -> None:
    world = a_world()
    world.webhooks.always(SHOP, answered(410))
    event = factories.any_event()
    world.fan_out(event)

    world.ledger.will_fail("write", times=STUBBORN, after=1)
    report = world.deliver()
    disabled = world.endpoint().state
    world.pass_hours(1, step=60)

    assert (report.failed, disabled) == (["d-0"], EndpointState.DISABLED)
    assert len(world.arrived()) == 1
    assert world.delivery(event).reason == Unsent.ENDPOINT_DISABLED


def test_an_endpoint_that_was_removed_while_it_was_tried_is_left_alone() -> None:
    world = a_world("shop", "erp")
    world.webhooks.always(SHOP, answered(500))
    world.fan_out(factories.any_event())

    def remove() -> None:
        world.change(world.endpoint().removed(now=NOON))
        del world.ledger.rows[world.endpoint("erp").key]

    world.webhooks.after_arrival = remove
    report = world.deliver()

    assert report.failed == []
    assert world.endpoint().state is EndpointState.REMOVED
    assert not any(
        isinstance(row, Endpoint) and row.endpoint_id == "erp" for row in world.ledger.rows.values()
    )
