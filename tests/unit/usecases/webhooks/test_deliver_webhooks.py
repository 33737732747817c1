"""A delivery is retried until its endpoint accepts it, or the schedule ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.webhooks.delivery import DeliveryState
from couponbus.domain.webhooks.endpoint import EndpointState
from couponbus.domain.webhooks.retry_schedule import ATTEMPTS, SCHEDULE, message_id_of
from couponbus.domain.webhooks.signature import checked
from couponbus.usecases.invocation import Metric
from couponbus.usecases.webhooks.deliver_webhooks import KEPT_TOGETHER
from tests import factories
from tests.fakes.signing_keys import key_not_real
from tests.fakes.webhooks import Arrived, answered
from tests.unit.usecases.webhooks.webhook_world import TICK, WebhookWorld, url_of

SHOP = url_of("shop")
WEEK = 7 * 24.0


def a_world(*names: str) -> WebhookWorld:
    world = WebhookWorld()
    world.has(*map(world.make, names or ("shop",)))
    return world


def is_genuine(world: WebhookWorld, one: Arrived, key: bytes) -> bool:
    problem = checked(
        message_id=one.headers["webhook-id"],
        timestamp=one.headers["webhook-timestamp"],
        signatures=one.headers["webhook-signature"],
        body=one.body,
        keys=[key],
        now=one.at,
    )
    return problem is None


def test_an_event_arrives_signed_and_with_a_name_of_its_own() -> None:
    world = a_world()
    event = factories.any_event()

    report = world.fan_out_and_deliver(event)

    (one,) = world.arrived()
    assert is_genuine(world, one, key_not_real("shop"))
    assert one.headers["webhook-id"] == message_id_of(event.metadata.id)
    assert one.headers["content-type"] == "application/json"
    assert one.headers["user-agent"].startswith("couponbus/")
    assert one.body.decode() == world.past_events[0].body
    assert report.metrics == {Metric.ATTEMPTS: 1, Metric.DELIVERED: 1}
    taken = world.delivery(event)
    assert (taken.state, taken.status, taken.due_at) == (DeliveryState.DELIVERED, 204, None)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 226, 299])
def test_whatever_begins_with_2_is_a_success(status: int) -> None:
    world = a_world()
    world.webhooks.will(SHOP, answered(status))
    event = factories.any_event()

    world.fan_out_and_deliver(event)

    assert (world.delivery(event).state, world.delivery(event).status) == (
        DeliveryState.DELIVERED,
        status,
    )


@pytest.mark.parametrize("status", [100, 199, 300, 301, 302, 303, 304, 307, 308, 400, 404, 500])
def test_anything_else_is_a_failure_a_redirection_too(status: int) -> None:
    world = a_world()
    world.webhooks.will(SHOP, answered(status))
    event = factories.any_event()

    report = world.fan_out_and_deliver(event)

    failed = world.delivery(event)
    assert (failed.state, failed.status) == (DeliveryState.PENDING, status)
    assert failed.reason == f"status_{status}"
    assert report.metrics == {Metric.ATTEMPTS: 1, Metric.FAILED_ATTEMPTS: 1}
    assert len(world.webhooks.arrived) == 1


def test_each_attempt_has_the_same_id_and_body_and_a_signature_of_its_own() -> None:
    world = a_world()
    world.webhooks.will(SHOP, *[answered(500)] * 4)

    world.fan_out_and_deliver(factories.any_event())
    world.pass_hours(6)

    arrived = world.arrived()
    assert len(arrived) == 5
    assert len({(one.headers["webhook-id"], one.body) for one in arrived}) == 1
    assert len({one.headers["webhook-timestamp"] for one in arrived}) == 5
    assert len({one.headers["webhook-signature"] for one in arrived}) == 5
    assert all(is_genuine(world, one, key_not_real("shop")) for one in arrived)


def test_while_a_secret_is_rotated_both_sign() -> None:
    world = a_world()
    old, new = key_not_real("old"), key_not_real("new")
    world.signing_keys.keys["shop"] = (new, old)

    world.fan_out_and_deliver(factories.any_event())

    (one,) = world.arrived()
    assert len(one.headers["webhook-signature"].split()) == 2
    assert [is_genuine(world, one, key) for key in (new, old)] == [True, True]
    assert not is_genuine(world, one, key_not_real("other"))


def test_ten_attempts_in_75_hours_are_all_there_are() -> None:
    world = a_world()
    world.webhooks.always(SHOP, answered(500))
    event = factories.any_event()

    world.fan_out_and_deliver(event)
    world.pass_hours(WEEK, step=300)

    arrived = world.arrived()
    assert len(arrived) == ATTEMPTS
    whole = arrived[-1].at - arrived[0].at
    assert whole == pytest.approx(sum(SCHEDULE, timedelta()), rel=0.1)
    ended = world.delivery(event)
    assert (ended.state, ended.reason) == (DeliveryState.EXHAUSTED, "status_500")
    assert (ended.attempt, ended.due_at) == (ATTEMPTS, None)


def test_the_end_of_the_schedule_is_counted() -> None:
    world = a_world()
    world.webhooks.always(SHOP, answered(500))
    event = factories.any_event()
    world.fan_out(event)
    nearly = world.delivery(event)
    world.ledger.rows[nearly.key] = replace(nearly, attempt=ATTEMPTS - 1)

    report = world.deliver()

    assert report.metrics == {
        Metric.ATTEMPTS: 1,
        Metric.FAILED_ATTEMPTS: 1,
        Metric.EXHAUSTED: 1,
    }


def test_an_endpoint_that_is_gone_is_disabled_and_its_delivery_given_up() -> None:
    world = a_world()
    world.webhooks.will(SHOP, answered(410))
    event = factories.any_event()

    report = world.fan_out_and_deliver(event)

    ended = world.delivery(event)
    assert (ended.state, ended.reason, ended.status) == (
        DeliveryState.EXHAUSTED,
        "status_410",
        410,
    )
    assert (world.endpoint().state, world.endpoint().reason) == (EndpointState.DISABLED, "gone")
    assert report.metrics[Metric.DISABLED] == 1
    world.circulate()
    assert [one.detail_type for one in world.bus.events] == ["EndpointDisabled"]


def test_a_worker_that_disabled_an_endpoint_sends_no_more_to_it() -> None:
    world = a_world("shop", "erp")
    world.webhooks.always(SHOP, answered(410))
    events = [factories.any_event() for _ in range(2 * KEPT_TOGETHER)]

    world.fan_out_and_deliver(*events)
    made = len(world.arrived())
    world.pass_hours(1)

    assert made < len(events) == len(world.arrived("erp"))
    assert len(world.arrived()) == made
    assert {world.delivery(one).state for one in events} == {DeliveryState.EXHAUSTED}


@pytest.mark.parametrize(("status", "asked"), [(429, 3600.0), (503, 600.0), (429, 20.0)])
def test_an_endpoint_that_asks_to_wait_is_not_asked_before(status: int, asked: float) -> None:
    world = a_world()
    world.webhooks.will(SHOP, answered(status, retry_after=asked))
    event = factories.any_event()

    world.fan_out_and_deliver(event)

    ready_at = world.delivery(event).ready_at
    assert ready_at is not None
    assert (ready_at - world.clock.now()).total_seconds() >= asked
    world.cycle(seconds=asked - 1)
    assert len(world.arrived()) == 1
    world.cycle(seconds=301)
    assert len(world.arrived()) == 2


def test_what_else_waits_for_an_endpoint_that_asks_to_wait_is_not_sent_either() -> None:
    world = a_world("shop", "erp")
    world.webhooks.will(SHOP, answered(429, retry_after=60.0))

    report = world.fan_out_and_deliver(*(factories.any_event() for _ in range(8)))

    assert (len(world.arrived()), len(world.arrived("erp"))) == (1, 8)
    assert report.metrics[Metric.UNSENT] == 7


def test_an_address_that_must_not_be_called_is_counted_and_tried_again() -> None:
    world = a_world()
    event = factories.any_event()
    refused = replace(answered(200), status=None, failure="address_refused")
    world.webhooks.will(SHOP, refused)

    report = world.fan_out_and_deliver(event)

    assert report.metrics[Metric.REFUSED_ADDRESSES] == 1
    assert world.delivery(event).reason == "address_refused"
    world.pass_hours(1)
    assert world.delivery(event).state is DeliveryState.DELIVERED


@pytest.mark.parametrize("changed", ["paused", "removed"])
@pytest.mark.parametrize("is_first", [True, False])
def test_an_endpoint_that_changed_before_the_attempt_is_not_sent_to(
    changed: str, is_first: bool
) -> None:
    world = a_world()
    event = factories.any_event()
    world.fan_out(event)
    if not is_first:
        world.webhooks.will(SHOP, answered(500))
        world.deliver()
        world.clock.pass_time(TICK)
        world.sweep()

    def change() -> None:
        endpoint = world.endpoint()
        change = {"paused": endpoint.paused, "removed": endpoint.removed}[changed]
        world.change(change(now=world.clock.now()))

    made = len(world.arrived())
    if is_first:
        world.ledger.will_be_overtaken(change, after=2, of="read")
    else:
        world.ledger.will_be_overtaken(change)
    world.deliver()
    world.redeliver()
    world.cycle()

    assert len(world.arrived()) == made
    assert world.delivery(event).attempt == made
