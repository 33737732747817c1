"""A low stock is published once, for any number of watches and fluctuations."""

from dataclasses import replace

import pytest

from couponbus.domain.polling.snapshot import StockSnapshot
from couponbus.events.commands import ContinueWork
from tests.unit.usecases.polling.polling_world import PollingWorld, snapshot


def poll_each(world: PollingWorld, *numbers: int) -> None:
    """Poll the watch once for each of these numbers of codes left."""
    for left in numbers:
        world.show(replace(snapshot(), stock=(StockSnapshot(offer_id="4883", left=left),)))
        world.clock.pass_time(90)
        world.sweep()
        world.poll(ContinueWork(keys=(world.watch().key,)))


@pytest.mark.parametrize(
    ("numbers", "events"),
    [
        ((1000, 500, 101), 0),
        ((101, 100), 1),
        ((101, 99, 101, 99), 1),
        ((99, 119, 99), 1),
        ((99, 120, 99), 2),
        ((50,), 1),
    ],
)
def test_only_a_crossing_is_published(numbers: tuple[int, ...], events: int) -> None:
    world = PollingWorld()
    world.begin()

    poll_each(world, *numbers, numbers[-1])

    assert world.published_types.count("OfferStockLow") == events


def test_a_number_that_crosses_nothing_is_neither_written_nor_read_again() -> None:
    world = PollingWorld()
    world.begin()
    poll_each(world, 500)
    writes = world.ledger.writes

    poll_each(world, *range(490, 400, -10))

    assert world.ledger.writes == writes


def test_two_workers_publish_the_same_crossing_once() -> None:
    world = PollingWorld()
    world.begin()
    poll_each(world, 500)
    other = PollingWorld()
    other.ledger, other.base = world.ledger, world.base
    other.redemptions = world.redemptions
    other.poller = other._poller()

    poll_each(world, 99)
    other.poll(ContinueWork(keys=(world.watch().key,)))
    world.clock.pass_time(90)
    world.sweep()

    assert world.published_types.count("OfferStockLow") == 1


def test_a_crossing_that_could_not_be_stored_shows_again() -> None:
    world = PollingWorld()
    watch = world.begin()
    poll_each(world, 500)
    world.show(replace(snapshot(), stock=(StockSnapshot(offer_id="4883", left=9),)))
    world.ledger.will_fail("write", times=4)
    world.poll(ContinueWork(keys=(watch.key,)))

    poll_each(world, 9, 9)

    assert world.published_types.count("OfferStockLow") == 1
