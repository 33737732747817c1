"""A published event is sent again by each replay, under the same webhook-id."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.webhooks.delivery import DeliveryState
from couponbus.domain.webhooks.parking import parking_key
from couponbus.domain.webhooks.replay import Replay
from couponbus.events.base import PublishedEvent
from couponbus.usecases.webhooks.replay import Replaying
from couponbus.usecases.webhooks.replay_selection import Selection, Which
from tests import factories
from tests.fakes.clock import NOON
from tests.fakes.history import MemoryEventLog
from tests.fakes.webhooks import answered
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld, url_of

HOUR = timedelta(hours=1)
ALL = Selection(tenant="default", since=NOON - HOUR, until=NOON + 99 * HOUR)
SHOP = url_of("shop")


def a_world(events: int = 3) -> tuple[WebhookWorld, list[PublishedEvent]]:
    """Return a world in which some events were published and delivered to the shop."""
    world = WebhookWorld()
    world.has(world.make())
    published: list[PublishedEvent] = [factories.any_event() for _ in range(events)]
    for event in published:
        world.fan_out_and_deliver(event)
        world.clock.pass_time(10)
    return world, published


def replaying(world: WebhookWorld) -> Replaying:
    return Replaying(
        store=world.base.store, history=MemoryEventLog(world.ledger), clock=world.clock
    )


def audit(name: str) -> Replay:
    return replace(factories.any_replay(), replay_id=name, began_at=NOON, rate=100)


def replay(world: WebhookWorld, name: str, selection: Selection = ALL) -> int:
    """Run a replay and return the number of webhooks that it has made due."""
    done = replaying(world).replay(audit(name), selection)
    world.cycle()
    return done.sent


def test_each_replay_is_a_round_of_its_own_under_the_same_ids() -> None:
    world, events = a_world()

    counted = replaying(world).count(ALL)
    sent = [replay(world, "first"), replay(world, "second")]

    assert (counted, sent) == (3, [3, 3])
    assert {world.delivery(event).round for event in events} == {3}
    arrived = world.arrived()
    assert len(arrived) == 9
    assert len({(one.headers["webhook-id"], one.body) for one in arrived}) == 3
    assert len({one.headers["webhook-signature"] for one in arrived}) > 3


def test_the_same_replay_again_sends_nothing_more() -> None:
    world, _ = a_world()
    replay(world, "first")

    again = replaying(world).replay(audit("first"), ALL)
    world.cycle()

    assert len(world.arrived()) == 6
    assert again.sent == 3


def test_a_message_that_comes_again_during_a_replay_sends_nothing_more() -> None:
    world, _ = a_world()
    replaying(world).replay(audit("first"), ALL)
    world.clock.pass_time(60)
    world.sweep()
    twice = list(world.redeliveries.sent)
    world.redeliver()
    world.redeliveries.sent = twice

    world.redeliver()

    assert len(world.arrived()) == 6


def test_only_what_was_not_delivered_is_sent_again_when_that_is_meant() -> None:
    world, events = a_world()
    world.webhooks.will(SHOP, answered(410))
    late = factories.any_event()
    world.fan_out_and_deliver(late)
    world.change(world.endpoint().resumed(now=world.clock.now()))

    sent = replay(world, "first", replace(ALL, which=Which.UNDELIVERED))

    assert sent == 1
    assert world.delivery(late).state is DeliveryState.DELIVERED
    assert {world.delivery(event).round for event in events} == {1}


def test_a_late_subscriber_gets_what_it_asks_for_and_no_other_gets_it_again() -> None:
    world, events = a_world()
    world.has(world.make("late"))
    only = replace(ALL, endpoint_ids=frozenset({"late"}))

    sent = replay(world, "first", replace(only, since=NOON + timedelta(seconds=10)))

    assert sent == 2
    assert (len(world.arrived()), len(world.arrived("late"))) == (3, 2)
    ids = {one.headers["webhook-id"] for one in world.arrived()[1:]}
    assert {one.headers["webhook-id"] for one in world.arrived("late")} == ids
    assert world.delivery(events[1], "late").round == 1


def test_what_was_held_for_a_paused_endpoint_is_sent_when_it_is_woken() -> None:
    world, _ = a_world()
    world.change(world.endpoint().paused(now=world.clock.now()))
    world.fan_out_and_deliver(factories.any_event(), factories.any_event())
    world.change(world.endpoint().resumed(now=world.clock.now()))

    woken = replaying(world).wake(replace(ALL, which=Which.HELD), rate=100)
    world.cycle()

    assert woken == 2
    assert len(world.arrived()) == 5
    assert {one.round for one in world.all_deliveries} == {1}


def test_what_was_parked_for_a_paused_endpoint_is_woken_by_one_write_however_much_it_is() -> None:
    world, _ = a_world()
    world.change(world.endpoint().paused(now=world.clock.now()))
    world.fan_out(*(factories.any_event() for _ in range(250)))
    world.pass_hours(7)
    world.change(world.endpoint().resumed(now=world.clock.now()))
    before = world.ledger.writes

    woken = replaying(world).wake(replace(ALL, which=Which.HELD), rate=100)

    assert (woken, world.ledger.writes - before) == (250, 1)
    world.pass_hours(0.2, step=60)
    assert len(world.arrived()) == 253


def test_what_failed_before_the_pause_is_woken_with_what_was_parked_meanwhile() -> None:
    world, _ = a_world()
    world.webhooks.always(SHOP, answered(500))
    refused = factories.any_event()
    world.fan_out_and_deliver(refused)
    world.change(world.endpoint().paused(now=world.clock.now()))
    world.fan_out_and_deliver(factories.any_event())
    world.webhooks.always(SHOP, answered(204))
    world.change(world.endpoint().resumed(now=world.clock.now()))

    woken = replaying(world).wake(replace(ALL, which=Which.HELD), rate=100)
    world.cycle()

    assert woken == 2
    assert {one.state for one in world.all_deliveries} == {DeliveryState.DELIVERED}


def test_what_cannot_be_woken_is_not_counted() -> None:
    world, _ = a_world()
    world.change(world.endpoint().paused(now=world.clock.now()))
    world.fan_out_and_deliver(factories.any_event())
    world.ledger.broken.add(parking_key("shop"))

    assert replaying(world).wake(replace(ALL, which=Which.HELD), rate=100) == 0


def test_a_replay_that_the_ledger_breaks_off_is_done_again_to_its_end() -> None:
    world, events = a_world()
    world.ledger.will_fail("write", times=3, after=1)
    with pytest.raises(LedgerUnavailable):
        replaying(world).replay(audit("first"), ALL)

    replay(world, "first")

    assert {world.delivery(event).round for event in events} == {2}
    assert len(world.arrived()) == 6


def test_a_replay_whose_row_is_gone_says_so() -> None:
    world, _ = a_world()
    row = audit("first")

    def forget() -> None:
        del world.ledger.rows[row.key]

    world.ledger.will_be_overtaken(forget, after=1)
    with pytest.raises(LedgerUnavailable, match="audit row"):
        replaying(world).replay(row, ALL)


@pytest.mark.parametrize("named", [True, False])
def test_a_late_subscriber_is_sent_what_no_endpoint_wanted(named: bool) -> None:
    world = WebhookWorld()
    events = [factories.any_event() for _ in range(3)]
    world.fan_out(*events)
    world.fan_out(*events[:2])  # a part of the batch comes again
    world.has(world.make())
    ids = tuple(each.metadata.id for each in events) if named else None
    selection = replace(ALL, event_ids=ids, which=Which.UNDELIVERED)

    counted = replaying(world).count(selection)
    sent = [replay(world, "first", selection), replay(world, "second", selection)]
    again = replay(world, "third", replace(selection, which=Which.ALL))

    assert (counted, sent, again) == (3, [3, 0], 3)
    assert [len(world.arrived()), len({one.headers["webhook-id"] for one in world.arrived()})] == [
        6,
        3,
    ]
