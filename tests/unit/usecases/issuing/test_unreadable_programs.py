"""A program that this version cannot read stops only the rows that need it, and loses none."""

from collections.abc import Sequence
from dataclasses import replace

from couponbus.domain.issuing.attempt import BatchAnswer
from couponbus.domain.issuing.barcode import BarcodeRequest
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.issuing.resolution import ResolutionState
from couponbus.domain.polling.watch import Watch
from tests.fakes.barcodes import Fate
from tests.unit.usecases.issuing.unmatched_world import ADA, a_sign_up, kept, rematch
from tests.unit.usecases.polling.polling_world import UNIQODO
from tests.unit.usecases.world import BRAND, PROGRAM, World, message

SHOP = replace(PROGRAM, name="shop", pattern={"source": ["shop"]}, watches=(UNIQODO,))
APP = replace(SHOP, name="app", pattern={"source": ["app"]})
DAY = 86_400.0


def a_world() -> World:
    world = World(SHOP, APP)
    world.programs.unreadable.add("app")
    return world


def test_who_matches_none_that_can_be_read_comes_again_and_others_go_on() -> None:
    world = a_world()

    report = world.handle(a_sign_up(1), a_sign_up(2, source="app"))

    assert report.failed == ["m2"]
    assert report.broken == {"PROGRAM#app"}
    assert kept(world) == []
    assert [one.state for one in world.issuances] == [IssuanceState.ISSUED]
    world.programs.unreadable.clear()
    assert world.handle(a_sign_up(2, source="app")).failed == []
    assert [one.state for one in world.issuances] == [IssuanceState.ISSUED] * 2


def test_what_was_kept_stays_kept_while_some_program_cannot_be_read() -> None:
    world = World(SHOP)
    world.handle(a_sign_up(2, source="app"))
    world.programs.put(APP)
    world.programs.unreadable.add("app")
    rematch(world)

    world.cycle()

    (row,) = kept(world)
    assert row.is_kept
    assert row.due_at is not None
    world.programs.unreadable.clear()
    for _ in range(10):
        world.cycle()
    assert [one.state for one in world.issuances] == [IssuanceState.ISSUED]


def test_issuances_of_a_program_that_cannot_be_read_wait_and_are_not_refused() -> None:
    world = World(SHOP)
    world.barcodes.will(Fate.THROTTLED)
    world.handle(a_sign_up(1))
    world.programs.unreadable.add("shop")

    for _ in range(48):
        world.cycle(seconds=DAY / 24)

    assert world.states == [IssuanceState.PENDING]
    world.programs.unreadable.clear()
    world.cycle(seconds=600)
    assert world.states == [IssuanceState.ISSUED]


def test_who_waits_for_a_customer_is_not_refused_while_the_program_cannot_be_read() -> None:
    world = World()
    world.handle(message(None, email=ADA))
    world.programs.unreadable.add("welcome")

    for _ in range(72):
        world.cycle(seconds=DAY / 24)

    assert [one.state for one in world.resolutions] == [ResolutionState.WAITING]
    assert [one.email for one in world.resolutions] == [ADA]


def test_a_barcode_is_recorded_once_it_is_known_who_is_watched_for_it() -> None:
    world = World(SHOP, replace(APP, watches=()))
    sign_ups = [a_sign_up(1, uniqodo_user_id="user-1"), a_sign_up(2, source="app")]
    programs = world.programs

    def while_posting(requests: Sequence[BarcodeRequest]) -> BatchAnswer:
        programs.unreadable.add("shop")
        return world.barcodes.issue(account=BRAND, requests=requests, deadline=world.clock.now())

    world.barcodes.will(while_posting)
    report = world.handle(*sign_ups)

    assert report.broken == {"PROGRAM#shop"}
    assert [one.state for one in world.issuances] == [
        IssuanceState.REQUESTED,
        IssuanceState.ISSUED,
    ]
    programs.unreadable.clear()
    for _ in range(15):
        world.cycle()
    assert world.states == [IssuanceState.ISSUED] * 2
    assert [row.user_id for row in world.ledger.rows.values() if isinstance(row, Watch)] == [
        "user-1"
    ]
    assert len(world.barcodes.made) == 2
