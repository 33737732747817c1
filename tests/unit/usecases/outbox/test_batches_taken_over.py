"""A batch that its worker has left open is concluded by the sweeper, by any number of ticks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.issuing.issuance import IssuanceState, Origin
from couponbus.events.base import PublishedEvent
from couponbus.usecases.outbox.sweep_due import SWEEP_MARGIN
from couponbus.usecases.store import WRITE_TRIES
from tests.factories import any_barcode
from tests.unit.usecases.issuing.batching import (
    CLAIMED,
    COMMITTED,
    DOWN,
    LOST,
    PREPARED,
    SETTLED,
    batch,
    batches,
    due_in,
    ids_on_the_bus,
    lose_the_worker,
    owed,
    sign_up,
)
from tests.unit.usecases.world import World, message


def test_claims_without_an_answer_stay_in_the_batch_and_are_looked_up() -> None:
    world = World()
    world.ledger.will_lose_the_answer(times=WRITE_TRIES, after=PREPARED)
    report = sign_up(world, 2)
    left = batch(world)

    world.clock.pass_time(LOST)
    world.sweep()
    due = {one.due_at for one in world.issuances}

    assert (report.failed, world.barcodes.posts) == (["m-s-1", "m-s-2"], [])
    assert len(left.issuance_ids) == 2
    assert due == {left.settled_at}
    assert batch(world).closed_at is not None
    world.clock.pass_time(SETTLED)
    for _ in range(4):
        world.cycle()
    assert world.states == [IssuanceState.ISSUED] * 2
    assert len(world.barcodes.posts) == 1


@pytest.mark.parametrize("refused", [(0,), (1, 2)])
def test_what_the_bus_refuses_stays_in_the_batch_and_the_sweeper_publishes_exactly_that(
    refused: tuple[int, ...],
) -> None:
    world = World()
    world.bus.will(refused)

    report = sign_up(world, 3)
    left = [world.issuances[index].issuance_id for index in refused]
    assert sum(report.undone.values()) == len(refused)
    assert (report.failed, list(batch(world).issuance_ids)) == ([], left)
    assert batch(world).closed_at is None
    world.clock.pass_time(LOST)
    swept = world.sweep()

    assert (swept.published, swept.handed_over, swept.failed) == (len(refused), 0, 0)
    assert Counter(ids_on_the_bus(world)).most_common(1)[0][1] == 1
    assert len(ids_on_the_bus(world)) == 3
    assert batch(world).closed_at == world.clock.now()


def test_while_the_bus_is_down_the_batch_stays_due_until_it_is_not() -> None:
    world = World()
    world.bus.will(DOWN, DOWN)

    report = sign_up(world, 2)
    world.clock.pass_time(LOST)
    in_vain = world.sweep()
    still_due = batch(world).due_at
    later = world.sweep()

    assert sum(report.undone.values()) == 2
    assert (in_vain.published, in_vain.failed) == (0, 2)
    assert still_due is not None
    assert still_due <= world.clock.now()
    assert (later.published, later.failed) == (2, 0)
    assert len(ids_on_the_bus(world)) == len(set(ids_on_the_bus(world))) == 2


def test_events_whose_answer_was_lost_are_published_again_under_the_same_ids() -> None:
    world = World()
    world.bus.will_lose_the_answer()

    sign_up(world, 2)
    world.clock.pass_time(LOST)
    world.sweep()

    first, second = ids_on_the_bus(world)[:2], ids_on_the_bus(world)[2:]
    assert first == second
    assert batch(world).closed_at is not None


def test_what_a_lost_worker_has_claimed_becomes_due_itself_and_is_looked_up() -> None:
    world = World()
    requested = lose_the_worker(world)

    world.clock.pass_time(LOST)
    world.sweep()
    due = {one.due_at for one in world.issuances}
    closed_at = batch(world).closed_at
    world.clock.pass_time(SETTLED)
    world.cycle()

    assert {(one.state, one.due_at) for one in requested} == {(IssuanceState.REQUESTED, None)}
    assert due == {requested[0].ready_at}
    assert closed_at is not None
    assert world.states == [IssuanceState.ISSUED] * 2
    assert len(world.barcodes.posts) == 1


def test_a_sign_up_that_joins_under_way_leaves_the_batch_to_the_sweeper() -> None:
    world = World()

    def join() -> None:
        claimed = world.issuances[0]
        world.ledger.rows[claimed.key] = replace(claimed, consents=("news",)).written("joined")

    world.ledger.will_be_overtaken(join, after=CLAIMED)
    sign_up(world, 2)
    left = batch(world)
    world.clock.pass_time(LOST)
    world.sweep()

    assert left.issuance_keys == [world.issuances[0].key]
    assert left.closed_at is None
    assert world.issuances[0].due_at == left.settled_at
    assert batch(world).closed_at is not None
    world.clock.pass_time(SETTLED)
    world.cycle()
    assert world.states == [IssuanceState.ISSUED] * 2
    assert len(world.barcodes.posts) == 1


def test_a_batch_that_cannot_be_closed_is_counted_and_published_again_under_the_same_ids() -> None:
    world = World()
    world.ledger.will_fail("write", times=WRITE_TRIES, after=COMMITTED)

    report = sign_up(world, 2)
    still_open = batch(world).closed_at
    world.clock.pass_time(LOST)
    world.sweep()

    assert (report.failed, sum(report.undone.values()), still_open) == ([], 1, None)
    assert len(ids_on_the_bus(world)) == 4
    assert len(set(ids_on_the_bus(world))) == 2
    assert batch(world).closed_at is not None


def test_a_batch_is_not_taken_over_while_its_worker_may_live() -> None:
    world = World()
    requested = lose_the_worker(world)

    world.clock.present += due_in(world) - timedelta(milliseconds=1)
    report = world.sweep()

    assert (report.handed_over, report.published, report.oldest) == (0, 0, 0.0)
    assert world.issuances == requested


def test_claims_that_may_still_arrive_stay_until_they_have_settled() -> None:
    world = World()
    world.ledger.will_fail("write", times=WRITE_TRIES, after=PREPARED)
    sign_up(world, 2)
    late = owed()
    world.clock.pass_time(LOST)

    first = world.sweep()
    early = batch(world)
    world.ledger.rows[late.key] = late.claimed(
        claim_id=early.batch_id,
        now=world.clock.now(),
        deadline=world.clock.now(),
        ready_at=early.settled_at,
    ).written("late")
    world.clock.present = early.settled_at
    world.sweep()

    assert (first.failed, len(early.issuance_ids)) == (0, 2)
    assert (early.due_at, early.closed_at) == (early.settled_at, None)
    assert batch(world).closed_at == early.settled_at
    assert world.issuance.due_at is not None


def test_a_row_that_cannot_be_read_keeps_its_batch_open_and_the_others_are_published_once() -> None:
    world = World()
    world.bus.will(DOWN)
    sign_up(world, 3)
    strange = world.issuances[1].key
    world.ledger.broken.add(strange)
    world.clock.pass_time(LOST)

    reports = [world.sweep() for _ in range(3)]
    named = batch(world).issuance_keys
    world.ledger.broken.clear()
    mended = world.sweep()

    assert [report.published for report in reports] == [2, 0, 0]
    assert all(report.broken == {strange} and report.failed == 1 for report in reports)
    assert named == [strange]
    assert mended.published == 1
    assert len(set(ids_on_the_bus(world))) == len(ids_on_the_bus(world)) == 3
    assert batch(world).closed_at is not None


def test_a_claim_that_cannot_be_stored_as_due_stays_in_its_batch() -> None:
    world = World()
    strange, other = (one.key for one in lose_the_worker(world))
    world.ledger.unfit.add(strange)
    world.clock.pass_time(LOST)

    report = world.sweep()
    left = batch(world)
    world.ledger.unfit.clear()
    world.sweep()

    assert (report.broken, left.issuance_keys, left.closed_at) == (
        frozenset({strange}),
        [strange],
        None,
    )
    assert all(world.ledger.rows[key].due_at for key in (strange, other))
    assert batch(world).closed_at is not None


@pytest.mark.parametrize("reads", [0, 1])
def test_two_ticks_at_once_publish_the_same_and_close_the_batch(reads: int) -> None:
    world = World()
    world.bus.will(DOWN)
    sign_up(world, 2)
    world.clock.pass_time(LOST)
    world.ledger.will_be_overtaken(
        lambda: published.append(world.sweep().published), after=reads, of="read"
    )
    published: list[int] = []

    report = world.sweep()

    assert (published, report.failed) == ([2], 0)
    assert len(set(ids_on_the_bus(world))) == 2
    assert batch(world).closed_at is not None
    assert world.sweep().published == 0


def test_a_tick_closes_no_batch_whose_claims_another_worker_has_changed_meanwhile() -> None:
    world = World()
    lose_the_worker(world, 1)
    world.clock.pass_time(LOST)

    def commit() -> None:
        row, now = world.issuance, world.clock.now()
        barcode = any_barcode(of=row.request)
        issued = row.issued(barcode=barcode, origin=Origin.ISSUED, now=now, publish_by=now)
        left = issued.left_to_batch(claim_id=batch(world).batch_id)
        world.ledger.rows[row.key] = left.written("late")

    world.ledger.will_be_overtaken(commit)
    world.sweep()
    left = batch(world)
    world.sweep()

    assert (left.issuance_keys, left.closed_at) == ([world.issuance.key], None)
    assert world.published_types == ["BarcodeIssued"]
    assert batch(world).closed_at is not None


def test_batches_that_a_tick_has_no_time_for_are_taken_over_by_the_next() -> None:
    world = World()
    world.bus.will(*[DOWN] * 5)
    for number in range(5):
        world.handle(message(number + 1, signup_id=f"s-{number}"))
    world.clock.pass_time(LOST)
    publish = world.bus.publish

    def slowly(events: Sequence[PublishedEvent]) -> Sequence[int]:
        world.clock.pass_time(20)
        return publish(events)

    world.bus.publish = slowly  # type: ignore[method-assign]
    first, second = world.sweep(within=SWEEP_MARGIN.total_seconds() + 50), world.sweep(within=90)

    assert (first.published, second.published) == (3, 2)
    assert all(one.closed_at is not None for one in batches(world))
    assert len(ids_on_the_bus(world)) == len(set(ids_on_the_bus(world))) == 5
