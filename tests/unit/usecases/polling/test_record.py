"""A redemption is stored with its watch or not at all, and never over the row of another."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.redemption import CustomParams
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.row import Row
from couponbus.events.commands import ContinueWork
from couponbus.usecases.invocation import BatchResult, Metric
from tests import factories
from tests.unit.usecases.polling.polling_world import USER, PollingWorld, new_watch, snapshot, use


def a_redemption() -> RecordedRedemption:
    """Return the row that the first redemption of the usual customer gets."""
    world = PollingWorld()
    record(world, meanwhile={})
    (row,) = world.recorded
    return replace(row, write_id="another")


def record(world: PollingWorld, *, meanwhile: Mapping[str, Row]) -> BatchResult:
    """Let the usual customer redeem; `meanwhile` is stored by another worker before the write."""
    watch = world.begin()
    world.show(snapshot(use()))
    world.ledger.will_be_overtaken(lambda: world.ledger.rows.update(meanwhile), of="write_together")
    return world.poll(ContinueWork(keys=(watch.key,)))


def test_a_redemption_that_is_stored_already_lets_its_watch_catch_up() -> None:
    row = a_redemption()
    world = PollingWorld()

    report = record(world, meanwhile={row.key: row})

    assert world.ledger.rows[row.key] == row
    assert report.metrics[Metric.OVERTAKEN] == 0
    assert len(world.watch().uses) == 1


def test_what_a_shop_attached_and_is_too_long_is_counted_once() -> None:
    world = PollingWorld()
    watch = world.begin()
    params = CustomParams(raw="x" * 3000)
    world.show(snapshot(replace(use(), custom_params=params)))

    report = world.poll(ContinueWork(keys=(watch.key,)))

    assert report.metrics[Metric.PARAMS_DROPPED] == 1
    assert [row.custom_params for row in world.recorded] == [None]


def let_the_second_answer_take(world: PollingWorld, *, seconds: float) -> None:
    """Let the second poll, the one that is stored, take this many seconds."""

    def second() -> None:
        world.redemptions.before_answer = lambda: world.clock.pass_time(seconds)

    world.redemptions.before_answer = second


@pytest.mark.parametrize("standing", ["a redemption of another watch", "a row of another kind"])
def test_what_is_not_this_redemption_is_neither_replaced_nor_taken_for_it(standing: str) -> None:
    row = a_redemption()
    other: Row = {
        "a redemption of another watch": replace(row, watch_id="watch-of-another"),
        "a row of another kind": factories.any_pause().written("another"),
    }[standing]
    world = PollingWorld()

    report = record(world, meanwhile={row.key: other})

    assert world.ledger.rows[row.key] == other
    assert report.metrics[Metric.OVERTAKEN] == 1
    assert report.metrics[Metric.RECORDED] == 0
    assert world.watch().uses == ()


def test_what_is_recorded_already_is_not_the_excuse_for_a_watch_that_another_changed() -> None:
    row = a_redemption()
    world = PollingWorld()
    watch = world.begin()
    world.show(snapshot(use()))

    def overtake() -> None:
        current = world.watch()
        changed = current.put_off(until=world.in_seconds(900)).written("another")
        world.ledger.rows.update({row.key: row, current.key: changed})

    world.ledger.will_be_overtaken(overtake, of="write_together")

    report = world.poll(ContinueWork(keys=(watch.key,)))

    assert report.metrics[Metric.OVERTAKEN] == 1
    assert world.watch().due_at == world.in_seconds(900)
    assert world.watch().uses == ()


def test_a_watch_ends_by_a_poll_that_was_made_after_its_last_moment() -> None:
    world = PollingWorld()
    watch = world.begin()
    world.clock.pass_time((watch.last_poll_at - world.clock.now()).total_seconds() - 2)
    world.show(snapshot(use()))
    let_the_second_answer_take(world, seconds=5)

    world.poll(ContinueWork(keys=(watch.key,)))
    early = world.watch().state
    world.show(snapshot(use(), use(2)))
    world.pass_days(1)

    assert early is WatchState.ACTIVE
    assert (world.watch().state, len(world.recorded)) == (WatchState.ENDED, 2)


@pytest.mark.parametrize("is_first", [True, False])
def test_of_two_workers_that_see_the_same_one_records_it(is_first: bool) -> None:
    world = PollingWorld()
    watch = new_watch(user=USER, now=world.clock.now()) if is_first else world.begin()
    world.ledger.rows[watch.key] = watch.written("begun")
    world.show(snapshot(use(at=world.clock.now())))
    reports = []

    def another() -> None:
        reports.append(world.poll(ContinueWork(keys=(watch.key,))))

    def by_another() -> None:
        world.redemptions.before_answer = another

    world.redemptions.before_answer = another if is_first else by_another
    reports.append(world.poll(ContinueWork(keys=(watch.key,))))

    assert [one.metrics[Metric.OVERTAKEN] for one in reports] == [0, 1]
    assert (world.watch().recorded, len(world.recorded)) == (1, 1)


def test_the_first_poll_of_a_watch_writes_it_once_and_so_does_one_with_news() -> None:
    world = PollingWorld()
    first = world.begin()
    world.show(snapshot(use()))

    world.poll(ContinueWork(keys=(first.key,)))

    assert first.revision == 3  # begun, handed over, polled
    assert world.watch().revision == first.revision + 1
    assert world.watch().due_at == first.due_at
