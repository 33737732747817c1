"""Redemptions in the hours that a restored table has lost are published again, unchanged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from couponbus.domain.polling.poll_policy import WatchRule
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from tests.unit.domain.polling.snapshots import an_offer, offers
from tests.unit.usecases.polling.polling_world import (
    KOUPON,
    UNIQODO,
    USER,
    PollingWorld,
    new_watch,
    snapshot,
    use,
)

type Restored = Callable[[Mapping[str, Row], Mapping[str, Row]], Mapping[str, Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The snapshots of a customer before the backup, after it, and after the restore."""

    order: WatchRule
    before: Snapshot
    lost: Snapshot
    later: Snapshot


STORIES = [
    pytest.param(
        Story(
            order=UNIQODO,
            before=snapshot(),
            lost=snapshot(use(1), use(2)),
            later=snapshot(use(1), use(2), use(3)),
        ),
        id="uniqodo",
    ),
    pytest.param(
        Story(
            order=KOUPON,
            before=offers(an_offer(count=1)),
            lost=offers(an_offer(count=3)),
            later=offers(an_offer(count=4)),
        ),
        id="koupon",
    ),
]


def begun(world: PollingWorld, story: Story) -> None:
    show(world, story, story.before)
    watch = new_watch(user=USER, now=world.clock.now(), order=story.order)
    world.ledger.rows[watch.key] = watch.put_off(until=world.clock.now()).written("begin")
    world.cycle()


def show(world: PollingWorld, story: Story, seen: Snapshot) -> None:
    order = story.order
    world.redemptions.shows[(order.provider, order.account, order.promotion, USER)] = seen


def watch_of(world: PollingWorld, story: Story) -> Watch:
    row = world.ledger.rows[new_watch(user=USER, now=world.clock.now(), order=story.order).key]
    assert isinstance(row, Watch)
    return row


def recorded_ids(world: PollingWorld) -> list[str]:
    return [
        event.metadata.id for event in world.bus.events if event.detail_type == "RedemptionRecorded"
    ]


def emptied(_: Mapping[str, Row], backup: Mapping[str, Row]) -> Mapping[str, Row]:
    """Return the table after a restore into an empty one: the rows of the backup."""
    return backup


def replaced(live: Mapping[str, Row], backup: Mapping[str, Row]) -> Mapping[str, Row]:
    """Return the table after the backup has overwritten its rows; newer rows stay."""
    return {**live, **backup}


def filled(live: Mapping[str, Row], backup: Mapping[str, Row]) -> Mapping[str, Row]:
    """Return the table after only its missing rows were restored."""
    return {**backup, **live}


@pytest.mark.parametrize("restored", [emptied, replaced, filled])
@pytest.mark.parametrize("story", STORIES)
def test_a_restored_watch_catches_up_and_no_redemption_gets_a_second_id(
    story: Story, restored: Restored
) -> None:
    world = PollingWorld()
    begun(world, story)
    backup = dict(world.ledger.rows)
    show(world, story, story.lost)
    world.pass_days(1)
    before = recorded_ids(world)
    assert len(set(before)) == 2

    rows = restored(dict(world.ledger.rows), backup)
    world.ledger.rows.clear()
    world.ledger.rows.update(rows)
    world.pass_days(1)

    assert set(recorded_ids(world)) == set(before)
    show(world, story, story.later)
    world.pass_days(1)
    assert len(set(recorded_ids(world))) == 3
    assert len(world.recorded) == 3
    settled = watch_of(world, story)
    world.pass_days(1)
    assert watch_of(world, story) == settled
