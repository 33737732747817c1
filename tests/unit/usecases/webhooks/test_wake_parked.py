"""Parked deliveries are woken page by page, as their endpoint accepts them, and none is lost."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.webhooks.delivery import DeliveryState
from couponbus.domain.webhooks.endpoint import DisabledBecause, Endpoint, endpoint_key
from couponbus.domain.webhooks.parking import CHECKS, NARROWEST, WIDEST, Parking, parking_key
from couponbus.domain.webhooks.retry_schedule import HELD
from couponbus.events.commands import AttemptDeliveries
from couponbus.ports.webhooks import Sent
from couponbus.usecases.webhooks.wake_parked import TOGETHER
from tests.fakes.clock import NOON
from tests.fakes.webhooks import answered, unanswered
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld, url_of
from tests.webhook_factories import any_event_record, delivery_of

DAYS = timedelta(days=4)
SHOP = url_of("shop")


def failing(endpoint: Endpoint) -> Endpoint:
    return endpoint.failed(now=NOON - DAYS, publish_by=NOON)


def has_parked(world: WebhookWorld, endpoint: Endpoint, count: int) -> None:
    """Park this number of deliveries for an endpoint."""
    world.has(endpoint)
    for _ in range(count):
        event = any_event_record(event_at=NOON)
        row = delivery_of(event, endpoint).park(now=NOON)
        for each in (event, row):
            world.ledger.rows[each.key] = each.written("another-worker")
    parking = Parking(parking_id=endpoint.endpoint_id, due_at=NOON)
    world.ledger.rows[parking.key] = parking.written("another-worker")


def parking_of(world: WebhookWorld, endpoint_id: str = "shop") -> Parking:
    row = world.ledger.rows[parking_key(endpoint_id)]
    assert isinstance(row, Parking)
    return row


def woken(world: WebhookWorld) -> Counter[str]:
    """Return the number of deliveries in the last tick's messages, by endpoint."""
    counts: Counter[str] = Counter()
    for one in world.redeliveries.sent:
        assert isinstance(one, AttemptDeliveries)
        counts[one.endpoint_id] += len(one.keys)
    return counts


def waiting(world: WebhookWorld) -> int:
    return sum(row.state is DeliveryState.PENDING for row in world.all_deliveries)


def test_waking_writes_one_row_however_many_wait() -> None:
    world = WebhookWorld()
    has_parked(world, world.make(), 200)
    before = world.ledger.writes

    world.sweep()

    assert woken(world) == {"shop": 2 * NARROWEST}
    assert world.ledger.writes == before + 1


def test_an_endpoint_that_takes_all_is_given_twice_as_many_each_time() -> None:
    world = WebhookWorld()
    has_parked(world, world.make(), 200)
    world.webhooks.always(SHOP, answered(204))
    taken = []

    for _ in range(5):
        world.clock.pass_time(60)
        world.sweep()
        taken.append(woken(world)["shop"])
        world.redeliver()

    assert taken == [NARROWEST * 2**n for n in range(1, 5)] + [200 - NARROWEST * 30]
    assert waiting(world) == 0


def test_no_more_are_woken_while_those_before_wait_in_the_queue() -> None:
    world = WebhookWorld()
    has_parked(world, world.make(), 200)
    world.sweep()
    sent = woken(world)

    world.clock.pass_time(60)
    world.sweep()

    assert woken(world) == sent


def test_what_was_woken_without_success_is_woken_again() -> None:
    world = WebhookWorld()
    has_parked(world, world.make(), 200)
    world.sweep()
    world.redeliveries.sent.clear()

    for _ in range(6):
        world.clock.pass_time(60)
        world.sweep()

    assert woken(world) == {"shop": NARROWEST}


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(unanswered("not_connected", seconds=0.0), id="dead"),
        pytest.param(answered(503, retry_after=20.0), id="asks to wait"),
    ],
)
def test_an_endpoint_that_lets_others_wait_costs_a_few_attempts_a_tick_and_no_other_writes(
    sent: Sent,
) -> None:
    world = WebhookWorld()
    has_parked(world, failing(world.make()), 300)
    world.webhooks.always(SHOP, sent)
    before = world.ledger.writes

    for _ in range(10):
        world.cycle()

    assert 10 <= len(world.arrived()) <= 10 * NARROWEST
    assert world.ledger.writes - before <= 10 * (2 * NARROWEST + 1)


def test_an_endpoint_that_fails_quickly_is_tried_with_more_and_more_up_to_its_share() -> None:
    world = WebhookWorld()
    has_parked(world, failing(world.make()), 1000)
    world.webhooks.always(SHOP, answered(500))

    for _ in range(8):
        world.clock.pass_time(60)
        world.sweep()
        tried = woken(world)["shop"]
        world.redeliver()

    assert tried == TOGETHER


def test_endpoints_in_trouble_share_what_there_is() -> None:
    world = WebhookWorld()
    names = [f"broken-{number}" for number in range(20)]
    for name in names:
        has_parked(world, failing(world.make(name)), 100)
        world.webhooks.always(url_of(name), answered(500))

    for _ in range(5):
        world.clock.pass_time(60)
        world.sweep()
        sent = woken(world)
        world.redeliver()

    assert sent == dict.fromkeys(names, TOGETHER // len(names))


def test_a_pace_is_kept_when_many_are_woken() -> None:
    world = WebhookWorld()
    has_parked(world, replace(world.make(), rate=1), 200)
    parking = replace(parking_of(world), width=WIDEST)
    world.ledger.rows[parking.key] = parking

    world.sweep()

    assert woken(world)["shop"] == 58
    assert max(world.redeliveries.delays) == 58


def test_what_was_tried_is_not_tried_before_its_time() -> None:
    world = WebhookWorld()
    has_parked(world, failing(world.make()), 2)
    world.webhooks.always(SHOP, answered(500))

    for _ in range(6):
        world.cycle()

    assert {row.attempt for row in world.all_deliveries} == {2}
    soonest = min(row.due_at for row in world.all_deliveries if row.due_at is not None)
    assert parking_of(world).due_at == soonest


def test_what_the_index_does_not_show_yet_does_not_wait_for_a_later_one() -> None:
    world = WebhookWorld()
    endpoint = world.make()
    has_parked(world, endpoint, 2)
    fresh, later = sorted(world.all_deliveries, key=lambda row: row.key)
    world.ledger.rows[later.key] = replace(later, due_at=NOON + timedelta(hours=1))
    del world.ledger.rows[fresh.key]
    world.sweep()

    world.ledger.rows[fresh.key] = fresh
    world.clock.pass_time(60)
    world.sweep()

    assert woken(world) == {"shop": 1}


def test_once_an_endpoint_is_well_everything_that_was_parked_arrives() -> None:
    world = WebhookWorld()
    has_parked(world, failing(world.make()), 150)
    world.webhooks.always(SHOP, answered(500))
    world.cycle()

    world.webhooks.always(SHOP, answered(204))
    world.pass_hours(1, step=60)

    assert waiting(world) == 0
    assert {row.state for row in world.all_deliveries} == {DeliveryState.DELIVERED}


def test_nothing_is_woken_for_a_paused_endpoint_and_nothing_written_but_one_row() -> None:
    world = WebhookWorld()
    has_parked(world, world.make().paused(now=NOON), 100)
    before = world.ledger.writes

    world.pass_hours(24)

    assert (world.arrived(), waiting(world)) == ([], 100)
    assert world.ledger.writes - before <= 24 / (HELD / timedelta(hours=1)) + 1


def disabled(endpoint: Endpoint) -> Endpoint:
    return endpoint.disabled(because=DisabledBecause.FAILING, now=NOON, publish_by=NOON)


def removed(endpoint: Endpoint) -> Endpoint:
    return endpoint.removed(now=NOON)


@pytest.mark.parametrize("end", [disabled, removed])
def test_what_is_parked_for_an_endpoint_that_is_disabled_or_gone_is_given_up(
    end: Callable[[Endpoint], Endpoint],
) -> None:
    world = WebhookWorld()
    has_parked(world, end(world.make()), 100)

    world.cycle()

    assert waiting(world) == 0
    assert world.arrived() == []


def test_unsuccessful_ticks_come_ever_later_and_end() -> None:
    world = WebhookWorld()
    has_parked(world, world.make(), 0)
    before = world.ledger.writes

    world.pass_hours(24, step=300)

    assert parking_of(world).due_at is None
    assert world.ledger.writes - before == CHECKS


def test_an_endpoint_whose_backlog_cannot_be_read_holds_up_no_other() -> None:
    world = WebhookWorld()
    has_parked(world, world.make("one"), 5)
    has_parked(world, world.make("two"), 5)
    world.ledger.will_fail("due", after=5)

    world.sweep()

    assert len(woken(world)) == 1
    world.sweep()
    assert set(woken(world)) == {"one", "two"}


def test_an_endpoint_that_cannot_be_read_holds_up_no_other() -> None:
    world = WebhookWorld()
    has_parked(world, world.make("one"), 5)
    has_parked(world, world.make("two"), 5)
    world.ledger.broken.add(endpoint_key("one"))

    world.sweep()

    assert set(woken(world)) == {"two"}
    assert parking_of(world, "one").due_at == NOON


def test_a_delivery_that_cannot_be_read_holds_up_no_later_one() -> None:
    world = WebhookWorld()
    has_parked(world, world.make(), 100)
    world.webhooks.always(SHOP, answered(204))
    world.ledger.broken |= {row.key for row in world.all_deliveries[:20]}

    world.pass_hours(1, step=60)

    assert waiting(world) == 20
