"""A kept sign-up is processed once a program matches it, and only then."""

from dataclasses import replace

from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.issuing.unmatched import UnmatchedState
from couponbus.domain.polling.watch import Watch
from couponbus.domain.provider import Provider
from couponbus.usecases.invocation import Metric
from tests.polling_factories import any_order
from tests.unit.usecases.issuing.unmatched_world import (
    MISTYPED,
    a_sign_up,
    kept,
    rematch,
    unmatched_events,
)
from tests.unit.usecases.world import BRAND, PROGRAM, World, message


def test_a_mended_program_gets_it_after_a_rematch() -> None:
    world = World(MISTYPED)
    world.handle(a_sign_up(1), a_sign_up(2))
    world.programs.put(PROGRAM)

    world.cycle()
    assert world.states == []
    rematch(world)
    world.cycle()

    assert world.states == [IssuanceState.ISSUED] * 2
    assert [row.state for row in kept(world)] == [UnmatchedState.MATCHED] * 2
    assert [row.message for row in kept(world)] == [None, None]
    assert world.cycle().metrics == {}


def test_a_program_that_only_watches_gets_it_too() -> None:
    order = replace(any_order(), provider=Provider.KOUPON, account=BRAND, promotion=None)
    watching = replace(PROGRAM, account=None, offer_id=None, channel=None, watches=(order,))
    world = World(replace(watching, pattern=MISTYPED.pattern))
    world.handle(message(koupon_consumer="c-1"))
    world.programs.put(watching)

    rematch(world)
    world.cycle()

    assert [row.state for row in kept(world)] == [UnmatchedState.MATCHED]
    assert len([row for row in world.ledger.rows.values() if isinstance(row, Watch)]) == 1


def test_it_is_kept_on_when_still_no_program_wants_it() -> None:
    world = World(MISTYPED)
    world.handle(a_sign_up(1))

    rematch(world)
    report = world.cycle()

    assert [(row.state, row.due_at) for row in kept(world)] == [(UnmatchedState.KEPT, None)]
    assert Metric.UNMATCHED not in report.metrics
    assert [one.number for one in unmatched_events(world)] == [1]


def test_a_rematch_that_is_broken_off_goes_on_by_itself() -> None:
    world = World(MISTYPED)
    world.handle(a_sign_up(1))
    world.programs.put(PROGRAM)
    rematch(world)
    world.ledger.will_fail("write", times=3, after=1)  # the sweeper's own write comes first

    assert world.cycle().failed == []
    assert [row.state for row in kept(world)] == [UnmatchedState.KEPT]
    for _ in range(10):
        world.cycle()

    assert [row.state for row in kept(world)] == [UnmatchedState.MATCHED]
    assert (world.states, len(world.barcodes.made)) == ([IssuanceState.ISSUED], 1)
