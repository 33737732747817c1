"""Due deliveries of an endpoint in trouble are parked; paced ones are spread over their slots."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.rate_limit import SHARE_OF_LIMIT
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.domain.webhooks.parking import NARROWEST
from couponbus.domain.webhooks.retry_schedule import SLOW_SECONDS
from couponbus.events.commands import AttemptDeliveries
from tests.fakes.clock import NOON
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld
from tests.webhook_factories import any_event_record, delivery_of

DAYS = timedelta(days=4)
MANY = 320


def failing(endpoint: Endpoint) -> Endpoint:
    return endpoint.failed(now=NOON - DAYS, publish_by=NOON)


def slow(endpoint: Endpoint) -> Endpoint:
    return endpoint.answered_in(SLOW_SECONDS, now=NOON - DAYS)


def paused(endpoint: Endpoint) -> Endpoint:
    return endpoint.paused(now=NOON - DAYS)


def has_due(world: WebhookWorld, endpoint: Endpoint, count: int) -> None:
    """Store this number of due deliveries for an endpoint."""
    world.has(endpoint)
    for _ in range(count):
        event = any_event_record(event_at=NOON)
        row = replace(delivery_of(event, endpoint), due_at=NOON)
        for each in (event, row):
            world.ledger.rows[each.key] = each.written("another-worker")


def handed_over(world: WebhookWorld) -> Counter[str]:
    """Return the number of deliveries in the messages, by endpoint."""
    counts: Counter[str] = Counter()
    for one in world.redeliveries.sent:
        assert isinstance(one, AttemptDeliveries)
        counts[one.endpoint_id] += len(one.keys)
    return counts


def delayed(world: WebhookWorld) -> list[int]:
    """Return the delay in seconds of each delivery that was handed over."""
    sent = zip(world.redeliveries.sent, world.redeliveries.delays, strict=True)
    return sorted(
        delay for one, delay in sent if isinstance(one, AttemptDeliveries) for _ in one.keys
    )


def put_off(world: WebhookWorld) -> list[Delivery]:
    return [row for row in world.all_deliveries if row.ready_at is not None and row.ready_at > NOON]


@pytest.mark.parametrize(
    ("makes_wait", "few"), [(failing, NARROWEST), (slow, NARROWEST), (paused, 0)]
)
def test_all_but_a_few_that_are_due_for_an_endpoint_in_trouble_are_parked(
    makes_wait: Callable[[Endpoint], Endpoint], few: int
) -> None:
    world = WebhookWorld()
    has_due(world, makes_wait(world.make("dead")), MANY)
    has_due(world, world.make("well"), MANY)

    world.sweep()

    assert handed_over(world)["well"] == MANY
    assert handed_over(world)["dead"] == few
    parked = [row for row in world.all_deliveries if row.parked]
    assert {(row.endpoint_id, row.attempt) for row in parked} == {("dead", 0)}
    assert len(parked) == MANY - few


def test_what_waits_for_a_pace_is_handed_over_at_it_and_put_off_once() -> None:
    world = WebhookWorld()
    has_due(world, replace(world.make(), rate=2), 200)

    world.sweep()

    now_on = int(60 * 2 * SHARE_OF_LIMIT) + 1
    assert handed_over(world) == {"shop": now_on}
    assert delayed(world) == sorted(int(place / (2 * SHARE_OF_LIMIT)) for place in range(now_on))
    later = sorted((row.due_at - NOON).total_seconds() for row in put_off(world) if row.due_at)
    assert later == pytest.approx([n / (2 * SHARE_OF_LIMIT) for n in range(now_on, 200)])


def test_deliveries_due_in_the_same_second_are_one_message() -> None:
    world = WebhookWorld()
    has_due(world, replace(world.make(), rate=5), 12)
    has_due(world, world.make("other"), 3)

    world.sweep()

    sizes = [len(one.keys) for one in world.redeliveries.sent if isinstance(one, AttemptDeliveries)]
    pairs = sorted(zip(world.redeliveries.delays, sizes, strict=True))
    assert pairs == [(0, 3), (0, 5), (1, 5), (2, 2)]


def test_deliveries_of_an_unreadable_endpoint_are_not_held_back() -> None:
    world = WebhookWorld()
    has_due(world, failing(world.make()), MANY)
    world.ledger.broken.add(world.endpoint().key)

    world.sweep()

    assert handed_over(world) == {"shop": MANY}
