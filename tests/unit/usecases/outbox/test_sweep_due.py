"""Every overdue row is handed over or published again, by any number of ticks."""

from dataclasses import replace
from datetime import datetime
from typing import Literal

import pytest

from couponbus.domain.circuit_breaker import Breaker
from couponbus.domain.errors import BusUnavailable
from couponbus.domain.issuing.account import BATCH_MAX
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.outbox.backlog import TO_AUDIT, Backlog, backlog_of
from couponbus.domain.rate_limit import Pace
from couponbus.ports.shared import DuePage
from couponbus.usecases.issuing.issuing_share import TICK
from couponbus.usecases.outbox import sweep_due
from couponbus.usecases.outbox.sweep_due import PAGE
from tests import factories
from tests.fakes.clock import ManualClock
from tests.fakes.unreliable_ledger import UnreliableLedger
from tests.unit.usecases.outbox.sweeping import commands, sent, waiting
from tests.unit.usecases.world import BRAND, TIMING, World, message


def test_due_rows_are_handed_over_and_put_off() -> None:
    world = World()
    rows = waiting(world, 2)

    report = world.sweep()

    assert sent(world) == [row.key for row in rows]
    assert (report.handed_over, report.published, report.failed) == (2, 0, 0)
    assert report.oldest == 2.0
    assert {row.due_at for row in world.issuances} == {world.in_seconds(TIMING.handover)}


def test_what_is_not_due_is_left_alone() -> None:
    world = World()
    world.store(replace(factories.any_issuance(), due_at=world.in_seconds(0.001)))

    report = world.sweep()

    assert (report.handed_over, report.oldest, sent(world)) == (0, 0.0, [])


def test_a_row_that_cannot_be_read_holds_up_no_other_and_raises_an_alarm() -> None:
    world = World()
    first, strange, last = waiting(world, 3)
    world.ledger.broken.add(strange.key)

    report = world.sweep()

    assert sent(world) == [first.key, last.key]
    assert (report.handed_over, report.failed) == (2, 1)


def test_a_row_that_was_handed_over_waits_before_it_is_handed_over_again() -> None:
    world = World()
    (row,) = waiting(world)
    world.sweep()

    world.clock.pass_time(TIMING.handover - 1)
    early = world.sweep().handed_over
    world.clock.pass_time(1)

    assert (early, world.sweep().handed_over) == (0, 1)
    assert sent(world) == [row.key] * 2


def test_what_the_stream_has_not_published_is_published() -> None:
    world = World()
    world.store(replace(factories.any_issued(), due_at=world.clock.now()))
    world.clock.pass_time(TIMING.publish_grace)

    report = world.sweep()

    assert (report.published, report.handed_over) == (1, 0)
    assert world.published_types == ["BarcodeIssued"]
    assert not world.issuance.unpublished


def test_what_the_bus_refuses_stays_due() -> None:
    world = World()
    world.store(replace(factories.any_issued(), due_at=world.clock.now()))
    world.clock.pass_time(TIMING.publish_grace)
    world.bus.will(BusUnavailable("put_events: ConnectTimeoutError"))

    report = world.sweep()

    assert (report.published, report.failed) == (0, 1)
    assert world.sweep().published == 1


def test_an_index_that_lags_behind_wakes_no_worker() -> None:
    world = World()
    world.handle(message())
    world.publish()
    world.ledger.stale = [world.issuance.key, "ISSUANCE#GONE"]

    report = world.sweep()

    assert (report.handed_over, report.published, sent(world)) == (0, 0, [])
    assert len(world.bus.events) == 1


def test_an_index_that_lags_far_behind_hides_nothing() -> None:
    world = World()
    (row,) = waiting(world)
    world.ledger.stale = [factories.any_issuance().key for _ in range(PAGE)]

    world.sweep()

    assert sent(world) == [row.key]


def test_more_than_a_page_is_swept_in_one_tick() -> None:
    world = World()
    rows = waiting(world, PAGE + BATCH_MAX + 1)

    report = world.sweep()

    assert report.handed_over == len(rows)
    assert sent(world) == [row.key for row in rows]
    assert {len(command.keys) for command in commands(world)[:-1]} == {BATCH_MAX}
    assert report.oldest == len(rows)


def test_without_time_nothing_is_begun() -> None:
    world = World()
    waiting(world)

    report = world.sweep(within=10)

    assert (report.handed_over, sent(world)) == (0, [])


def test_of_two_ticks_that_overlap_one_hands_a_row_over() -> None:
    world = World()
    mine, theirs = waiting(world, 2)

    def overtake() -> None:
        row = world.ledger.rows[theirs.key]
        until = world.in_seconds(TIMING.handover)
        world.ledger.rows[row.key] = row.handed_over(until=until).written("theirs")

    world.ledger.will_be_overtaken(overtake)
    report = world.sweep()

    assert (report.handed_over, sent(world)) == (1, [mine.key])


def test_an_index_that_is_silent_shows_and_costs_only_its_backlog_and_time() -> None:
    world = World()
    (row,) = waiting(world)
    watch = replace(factories.any_active_watch(), due_at=world.in_seconds(-1))
    world.ledger.rows[watch.key] = watch
    world.ledger.will_fail("due", times=len(Backlog) - 2)

    report = world.sweep()

    assert (report.handed_over, report.failed, sent(world)) == (1, 3, [])
    assert report.oldest is None  # an older row may wait where nothing was read
    assert len(world.polls.sent) == 1
    world.sweep()
    assert sent(world) == [row.key]


class SlowIndex(UnreliableLedger):
    """A ledger so slow that a tick has time for four pages of the issuing backlog."""

    clock: ManualClock

    def due(self, *, backlog: str, now: datetime, limit: int, after: str | None = None) -> DuePage:
        self.clock.pass_time(TICK / 4 if backlog == Backlog.ISSUING else 0.0)
        return super().due(backlog=backlog, now=now, limit=limit, after=after)


def test_what_one_tick_has_no_time_for_the_next_one_goes_on_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep_due, "PAGE", 10)
    accounts = [replace(factories.any_account(), name=name) for name in (BRAND, "other")]
    world = World(accounts=accounts, ledger=(ledger := SlowIndex()))
    ledger.clock = world.clock
    waiting(world, 50)
    theirs = replace(factories.any_issuance(), account="other", due_at=world.in_seconds(0))
    world.store(theirs)
    closed = Breaker(failures=9, openings=2, closed_until=world.in_seconds(10 * TICK).timestamp())
    world.limiter.paces[BRAND] = Pace(posts=closed)
    sweeper = world.sweeper()

    for _ in range(2):
        sweeper.handle(deadline=world.in_seconds(TICK))

    assert sent(world) == [theirs.key]


def test_what_is_to_be_issued_comes_before_what_waits_for_endpoints() -> None:
    world = World()
    (row,) = waiting(world)
    for number in range(3 * PAGE):
        delivery = replace(factories.any_delivery(), due_at=world.in_seconds(number - 10**5))
        world.ledger.rows[delivery.key] = delivery
    world.ledger.will_be_overtaken(lambda: world.clock.pass_time(50))

    world.sweep()

    assert sent(world) == [row.key]
    assert world.redeliveries.sent == []


def test_no_backlog_keeps_another_one_waiting_for_more_than_a_page() -> None:
    world = World()
    rows = waiting(world, 3 * PAGE)
    delivery = replace(factories.any_delivery(), due_at=world.in_seconds(-1))
    world.ledger.rows[delivery.key] = delivery
    world.ledger.will_be_overtaken(lambda: world.clock.pass_time(50), after=1)

    report = world.sweep()

    assert len(world.redeliveries.sent) == 1
    assert report.handed_over < len(rows)


@pytest.mark.parametrize("operation", ["read", "write"])
def test_a_page_that_fails_shows_and_does_not_end_the_tick(
    operation: Literal["read", "write"],
) -> None:
    world = World()
    rows = waiting(world, PAGE + 1)
    world.ledger.will_fail(operation, times={"read": 1, "write": 3}[operation])

    report = world.sweep()

    assert sent(world) == [rows[-1].key]
    assert (report.handed_over, report.failed) == (1, PAGE)
    assert report.oldest == {"read": None, "write": PAGE + 1}[operation]
    world.sweep()
    assert sorted(sent(world)) == sorted(row.key for row in rows)


def test_what_cannot_be_put_off_is_not_handed_over() -> None:
    world = World()
    (row,) = waiting(world)
    world.ledger.will_fail("write", times=3)

    report = world.sweep()

    assert (report.handed_over, sent(world)) == (0, [])
    world.sweep()
    assert sent(world) == [row.key]


def test_a_sign_up_that_waits_for_its_customer_is_handed_over_too() -> None:
    world = World()
    world.handle(message(None, email="a@customer.example"))
    world.clock.pass_time(60)

    world.sweep()

    assert sent(world) == [row.key for row in world.resolutions]


def test_a_rejection_that_was_not_published_is_published() -> None:
    world = World()
    world.handle(replace(message(), body='{"signup_id": "s-1"}'))
    world.clock.pass_time(TIMING.publish_grace)

    world.sweep()

    assert world.published_types == ["SignUpRejected"]


def test_whatever_was_left_undone_ends_with_a_barcode_and_an_event() -> None:
    world = World()
    world.ledger.will_fail("write", times=3, after=2)
    world.handle(message())
    assert world.states == [IssuanceState.REQUESTED]

    for _ in range(20):
        world.cycle()

    assert world.states == [IssuanceState.ISSUED]
    assert world.published_types == ["BarcodeIssued"]
    due = [row for row in world.ledger.rows.values() if row.due_at is not None]
    assert {backlog_of(row) for row in due} == {TO_AUDIT}
