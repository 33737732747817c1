"""A decided row reaches the bus at least once, each time as the same event."""

from dataclasses import replace

from couponbus.domain.errors import BusUnavailable
from couponbus.domain.row import Row
from couponbus.usecases.publishing.publish_events import BATCH
from tests import factories
from tests.unit.usecases.world import World

DOWN = BusUnavailable("put_events: ConnectTimeoutError")


def decided(world: World, count: int = 1) -> list[Row]:
    """Return stored rows that owe an event."""
    rows = [factories.any_issued().written("w") for _ in range(count)]
    world.ledger.rows.update({row.key: row for row in rows})
    return list(world.ledger.rows.values())


def unmarked(world: World) -> list[str]:
    return [key for key, row in world.ledger.rows.items() if row.unpublished]


def test_an_outcome_is_published_and_marked() -> None:
    world = World()
    (row,) = decided(world)

    report = world.publisher().handle([row])

    assert (report.published, report.failed) == (1, [])
    assert world.published_types == ["BarcodeIssued"]
    stored = world.ledger.rows[row.key]
    assert (stored.unpublished, stored.due_at) == (False, None)
    assert stored.published_at == world.clock.now()


def test_what_is_marked_is_published_no_more() -> None:
    world = World()
    decided(world)
    world.publish()

    report = world.publisher().handle(list(world.ledger.rows.values()))

    assert (report.published, len(world.bus.events)) == (0, 1)


def test_what_is_not_decided_is_not_published() -> None:
    world = World()
    rows = [factories.any_issuance(), factories.any_requested(), factories.any_resolution()]

    report = world.publisher().handle(rows)

    assert (report.published, report.failed, world.bus.events) == (0, [], [])


def test_an_outcome_without_an_event_holds_nothing_up() -> None:
    world = World()
    mute = replace(factories.any_issued(), barcode=None)

    alone = world.publisher().handle([mute])
    report = world.publisher().handle([mute, *decided(world)])

    assert alone.failed == report.failed == []
    assert world.published_types == ["BarcodeIssued"]


def test_of_several_records_of_one_row_the_last_one_is_published() -> None:
    world = World()
    (row,) = decided(world)

    report = world.publisher().handle([row, row])

    assert (report.published, len(world.bus.events)) == (1, 1)


def test_what_the_bus_refuses_fails_and_nothing_else() -> None:
    world = World()
    rows = decided(world, 4)
    world.bus.will({1, 3})

    report = world.publisher().handle(rows)

    assert list(report.failed) == [rows[1].key, rows[3].key] == unmarked(world)
    assert report.published == len(world.bus.events) == 2
    world.publish()
    assert unmarked(world) == []
    assert len(world.bus.events) == 4


def test_while_the_bus_is_down_everything_fails_and_nothing_is_marked() -> None:
    world = World()
    rows = decided(world, 3)
    world.bus.will(DOWN)

    report = world.publisher().handle(rows)

    assert list(report.failed) == [row.key for row in rows] == unmarked(world)
    assert (report.published, world.bus.events) == (0, [])


def test_an_answer_that_got_lost_costs_a_second_event_with_the_same_id() -> None:
    world = World()
    decided(world)
    world.bus.will_lose_the_answer()

    world.publish()
    world.publish()

    assert len(world.bus.events) == 2
    assert len({event.metadata.id for event in world.bus.events}) == 1
    assert unmarked(world) == []


def test_many_outcomes_go_in_batches_of_which_one_may_fail() -> None:
    world = World()
    rows = decided(world, 2 * BATCH + 1)
    world.bus.will((), DOWN)

    report = world.publisher().handle(rows)

    assert report.published == BATCH + 1
    assert list(report.failed) == [row.key for row in rows[BATCH : 2 * BATCH]]


def test_a_mark_that_cannot_be_stored_costs_a_second_event() -> None:
    world = World()
    rows = decided(world)
    world.ledger.will_fail("write", times=3)

    report = world.publisher().handle(rows)

    assert report.failed == []
    assert unmarked(world) == [rows[0].key]
    world.publish()
    assert len({event.metadata.id for event in world.bus.events}) == 1


def test_a_row_that_moved_without_another_outcome_is_marked_where_it_stands() -> None:
    world = World()
    (row,) = decided(world)
    moved = row.handed_over(until=world.in_seconds(9)).written("sweeper")
    world.ledger.rows[row.key] = moved

    world.publisher().handle([row])

    assert unmarked(world) == []
    assert world.ledger.rows[row.key].revision == moved.revision + 1


def test_a_row_with_another_outcome_since_still_owes_that_one() -> None:
    world = World()
    (row,) = decided(world)
    world.ledger.rows[row.key] = replace(row, outcomes=2, revision=row.revision + 1)

    world.publisher().handle([row])

    assert unmarked(world) == [row.key]
    world.publish()
    assert [event.metadata.sequence for event in world.bus.events] == [1, 2]


def test_a_row_that_another_worker_has_marked_is_left_alone() -> None:
    world = World()
    (row,) = decided(world)
    marked = row.announced(now=world.clock.now()).written("theirs")
    world.ledger.rows[row.key] = marked

    world.publisher().handle([row])

    assert world.ledger.rows[row.key] == marked


def test_a_row_that_is_gone_does_not_come_back() -> None:
    world = World()
    (row,) = decided(world)
    world.ledger.rows.clear()

    world.publisher().handle([row])

    assert world.ledger.rows == {}
