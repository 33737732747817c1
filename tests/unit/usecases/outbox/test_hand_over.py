"""Each queue is written separately: one that refuses delays its own rows, and no others."""

from dataclasses import replace

import pytest

from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.usecases.outbox.hand_over import WorkQueue
from couponbus.usecases.outbox.sweep_due import PAGE
from tests import factories
from tests.fakes.barcodes import Fate
from tests.fakes.queues import RefusingCommands
from tests.unit.usecases.outbox.sweeping import sent, waiting
from tests.unit.usecases.world import TIMING, World, message


def test_what_a_queue_refuses_stays_due_and_is_counted() -> None:
    world = World()
    (row,) = waiting(world)
    world.commands.will_fail()

    report = world.sweep()

    assert (report.handed_over, report.failed, sent(world)) == (0, 1, [])
    assert report.unsent == {"signups": 1, "polls": 0, "redeliveries": 0}
    assert world.ledger.rows[row.key].due_at == row.due_at
    assert world.sweep().handed_over == 1
    assert sent(world) == [row.key]


def test_what_a_queue_refuses_is_swept_later_if_it_cannot_even_be_made_due_again() -> None:
    world = World()
    (row,) = waiting(world)
    world.commands.will_fail()
    world.ledger.will_fail("write", times=3, after=1)

    assert world.sweep().failed == 1

    world.clock.pass_time(TIMING.handover)
    world.sweep()
    assert sent(world) == [row.key]


def test_a_queue_that_refuses_is_tried_once_a_tick_and_writes_no_more_rows() -> None:
    world = World()
    waiting(world, PAGE * 3)
    world.commands.will_fail()

    report = world.sweep()

    assert report.unsent[WorkQueue.SIGNUPS] == PAGE * 3
    assert world.ledger.writes == 2 * PAGE


@pytest.mark.parametrize("refusing", ["commands", "polls", "redeliveries"])
def test_a_queue_that_refuses_costs_only_its_own_rows(refusing: str) -> None:
    world = World()
    rows = {
        "commands": waiting(world)[0],
        "polls": replace(factories.any_active_watch(), due_at=world.in_seconds(-1)),
        "redeliveries": replace(factories.any_delivery(), due_at=world.in_seconds(-1)),
    }
    world.ledger.rows.update({row.key: row for row in rows.values() if row.revision == 0})
    getattr(world, refusing).will_fail()

    report = world.sweep()

    assert (report.handed_over, report.failed) == (2, 1)
    assert [bool(getattr(world, queue).sent) for queue in rows] == [
        queue != refusing for queue in rows
    ]


def test_a_barcode_is_issued_however_long_the_queue_of_polls_refuses() -> None:
    world = World()
    world.polls = RefusingCommands()
    watch = replace(factories.any_active_watch(), due_at=world.in_seconds(-1))
    world.ledger.rows[watch.key] = watch
    world.barcodes.will(Fate.THROTTLED)
    world.handle(message())

    for _ in range(60):
        world.cycle()

    assert world.states == [IssuanceState.ISSUED]
    assert world.ledger.rows[watch.key].due_at == watch.due_at


def test_watches_go_to_the_queue_of_polls_and_everything_else_does_not() -> None:
    world = World()
    (row,) = waiting(world)
    watch = replace(factories.any_active_watch(), due_at=world.in_seconds(-1))
    world.ledger.rows[watch.key] = watch

    report = world.sweep()

    assert report.handed_over == 2
    assert sent(world) == [row.key]
    assert [one.model_dump()["keys"] for one in world.polls.sent] == [(watch.key,)]


def test_deliveries_go_to_the_queue_of_second_attempts_grouped_by_their_endpoint() -> None:
    world = World()
    rows = [
        replace(
            factories.any_delivery(), endpoint_id=endpoint_id, due_at=world.in_seconds(number - 60)
        )
        for number, endpoint_id in enumerate(["shop"] * 12 + ["erp"])
    ]
    world.ledger.rows.update({row.key: row for row in rows})

    report = world.sweep()

    assert report.handed_over == 13
    asked = [one.model_dump() for one in world.redeliveries.sent]
    assert [(one["attempt"], one["endpoint_id"], len(one["keys"])) for one in asked] == [
        ("again", "shop", 10),
        ("again", "shop", 2),
        ("again", "erp", 1),
    ]
    assert {key for one in asked for key in one["keys"]} == {row.key for row in rows}
    assert (world.commands.sent, world.polls.sent) == ([], [])
