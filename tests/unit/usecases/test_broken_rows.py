"""A row that can be neither read nor stored is named, and stops no other."""

from collections import Counter
from dataclasses import replace

import pytest

from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.errors import BusUnavailable, LedgerUnavailable, RowsBroken
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.restore import RESTORE_KEY
from couponbus.domain.polling.schedule import SCHEDULE_KEY
from couponbus.domain.polling.snapshot import StockSnapshot
from couponbus.domain.polling.stock import stock_id_of, stock_key
from couponbus.domain.polling.watch import Watch
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import NoSlot, Outlook, Reservation
from couponbus.domain.webhooks.parking import Parking
from couponbus.usecases.invocation import Metric
from tests import factories
from tests.fakes.barcodes import Fate
from tests.unit.usecases.outbox.sweeping import sent
from tests.unit.usecases.polling.polling_world import ACCOUNTS, UNIQODO, PollingWorld, snapshot, use
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld
from tests.unit.usecases.world import BRAND, PROGRAM, World, message

PACE = LedgerUnavailable("the pace cannot be read", broken=["PACE#coniq#brand"])


def two_hundred() -> list[Issuance]:
    elsewhere = World()
    elsewhere.handle(*(message(n, signup_id=f"s-{n}") for n in range(1, 201)), within=30)
    return elsewhere.issuances


def test_an_issuance_that_cannot_be_read_costs_the_other_199_nothing_however_often_it_comes() -> (
    None
):
    strange = two_hundred()[136]
    world = World()
    world.ledger.rows[strange.key] = replace(strange, revision=7)
    world.ledger.broken.add(strange.key)
    sign_ups = [message(n, signup_id=f"s-{n}") for n in range(1, 201)]

    reports = [world.handle(*sign_ups) for _ in range(8)]

    assert [report.failed for report in reports] == [[f"m-{strange.signup_id}"]] * 8
    assert all(report.broken == {strange.key} for report in reports)
    assert [len(post.requests) for post in world.barcodes.posts] == [199]
    assert sum(report.metrics.get(Metric.LOOKUPS, 0) for report in reports) == 0
    sound = [one for one in world.issuances if one.key != strange.key]
    assert Counter((one.state, one.attempt) for one in sound) == {(IssuanceState.ISSUED, 1): 199}


def test_a_watch_that_cannot_be_stored_holds_back_its_own_barcode_only() -> None:
    world = World(replace(PROGRAM, watches=(UNIQODO,)))
    sign_ups = [message(n, signup_id=f"s-{n}", uniqodo_user_id=f"user-{n}") for n in range(1, 101)]
    elsewhere = World(replace(PROGRAM, watches=(UNIQODO,)))
    elsewhere.handle(sign_ups[6])
    (watch,) = (row for row in elsewhere.ledger.rows.values() if isinstance(row, Watch))
    world.ledger.unfit.add(watch.key)

    report = world.handle(*sign_ups)

    assert report.failed == []
    assert report.broken == {watch.key}
    assert Counter(world.states) == {IssuanceState.ISSUED: 99, IssuanceState.REQUESTED: 1}
    world.ledger.unfit.clear()
    for _ in range(15):
        world.cycle()
    assert Counter(world.states) == {IssuanceState.ISSUED: 100}
    assert len(world.barcodes.posts) == 1


def test_a_barcode_that_cannot_be_recorded_is_looked_up_again_and_the_others_are_recorded() -> None:
    strange = two_hundred()[1]
    world = World()
    world.barcodes.will(Fate.LOST_AFTER)
    world.handle(message(1, signup_id="s-1"), message(2, signup_id="s-2"))
    world.ledger.unfit.add(strange.key)

    for _ in range(15):
        world.cycle()

    assert Counter(world.states) == {IssuanceState.ISSUED: 1, IssuanceState.REQUESTED: 1}
    world.ledger.unfit.clear()
    for _ in range(15):
        world.cycle()
    assert Counter(world.states) == {IssuanceState.ISSUED: 2}


def test_while_the_mark_of_a_restore_cannot_be_read_nothing_is_sent() -> None:
    world = World()
    world.ledger.rows[RESTORE_KEY] = factories.any_restore()
    world.ledger.broken.add(RESTORE_KEY)

    report = world.handle(message())

    assert report.failed == ["m-signup-1"]
    assert report.broken == {RESTORE_KEY}
    assert world.barcodes.posts == []


def test_a_pace_that_cannot_be_read_stops_its_own_account_only() -> None:
    account = replace(factories.any_account(), name=BRAND)
    other = replace(PROGRAM, name="other", account="other")
    world = World(PROGRAM, other, accounts=[account, replace(account, name="other")])
    reservation = world.limiter.reserve

    def unreadable(**asked: object) -> Reservation | NoSlot:
        if asked["account"] == BRAND:
            raise PACE
        return reservation(**asked)  # type: ignore[arg-type]

    world.limiter.reserve = unreadable  # type: ignore[method-assign]
    report = world.handle(message())

    assert report.broken == {"PACE#coniq#brand"}
    assert report.failed == ["m-signup-1"]
    assert [(one.account, one.state) for one in world.issuances] == [
        ("other", IssuanceState.ISSUED)
    ]


def test_the_sweeper_goes_on_for_the_others_while_the_pace_of_an_account_cannot_be_read() -> None:
    account = replace(factories.any_account(), name=BRAND)
    world = World(accounts=[account, replace(account, name="other")])
    due = [
        replace(factories.any_issuance(), account=name, due_at=world.clock.now())
        for name in (BRAND, "other")
    ]
    world.store(*due)
    outlook = world.limiter.outlook

    def unreadable(account: str, *, purpose: Purpose) -> Outlook:
        if account == BRAND:
            raise PACE
        return outlook(account, purpose=purpose)

    world.limiter.outlook = unreadable  # type: ignore[method-assign]
    before = world.ledger.rows[due[0].key]
    report = world.sweep()

    assert report.broken == {"PACE#coniq#brand"}
    assert sent(world) == [due[1].key]
    assert world.ledger.rows[due[0].key] == before


def test_an_account_whose_pace_cannot_be_read_is_not_polled_and_the_others_are() -> None:
    limited = tuple(replace(one, calls_per_day=1_000_000) for one in ACCOUNTS)
    world = PollingWorld(accounts=limited)
    world.begin()
    world.tick()
    world.polls.sent.clear()
    broken = {"PACE#koupon#main"}
    world.limiters[Provider.KOUPON].failure = LedgerUnavailable("pace", broken=broken)

    world.clock.pass_time(3600)
    report = world.tick()

    assert report.broken == broken
    assert world.polls.sent != []


def test_a_silent_pace_still_ends_the_tick() -> None:
    limited = tuple(replace(one, calls_per_day=1_000_000) for one in ACCOUNTS)
    world = PollingWorld(accounts=limited)
    world.limiters[Provider.KOUPON].failure = LedgerUnavailable("pace: ReadTimeoutError")

    with pytest.raises(LedgerUnavailable):
        world.tick()


def test_an_event_that_cannot_be_made_is_reported_and_leaves_the_others_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.handle(*(message(n, signup_id=f"s-{n}") for n in range(1, 4)))
    bad = world.issuances[1]
    world.ledger.rows[bad.key] = replace(bad, trail=(), decided_at=None)
    world.bus.events.clear()

    report = world.publisher().publish(world.issuances)

    assert (report.published, report.failed) == (2, [bad.key])
    assert report.bugs == ["IndexError"]
    assert len(world.published_types) == 2


def test_an_event_that_cannot_be_made_does_not_end_the_sweep() -> None:
    world = World()
    world.bus.will(BusUnavailable("put_events: ConnectTimeoutError"))
    world.handle(*(message(n, signup_id=f"s-{n}") for n in range(1, 4)))
    bad = world.issuances[1]
    world.ledger.rows[bad.key] = replace(bad, trail=(), decided_at=None)
    world.clock.pass_time(600)

    report = world.sweep()

    assert (report.published, report.failed, report.bugs) == (2, 1, ["IndexError"])


def test_what_the_sweeper_can_neither_read_nor_store_is_named_and_the_rest_handed_over() -> None:
    world = World()
    now = world.clock.now()
    rows = [
        replace(factories.any_issuance(), account=BRAND, program=PROGRAM.name, due_at=now)
        for _ in range(4)
    ]
    world.store(*rows)
    world.ledger.broken.add(rows[0].key)
    world.ledger.unfit.add(rows[1].key)

    report = world.sweep()

    assert report.broken == {rows[0].key, rows[1].key}
    assert (report.handed_over, report.failed) == (2, 2)


def test_what_is_published_and_cannot_be_marked_so_is_named() -> None:
    world = World()
    row = factories.any_issued().written("w")
    world.ledger.rows[row.key] = replace(row, due_at=world.clock.now())
    world.ledger.unfit.add(row.key)

    published = world.publisher().handle([row])
    swept = world.sweep()

    assert (published.published, published.failed, swept.published) == (1, [], 1)
    assert published.broken == swept.broken == {row.key}


def test_what_wakes_parked_deliveries_is_named_if_it_cannot_be_stored() -> None:
    world = WebhookWorld()
    world.has(world.make("one"))
    parking = Parking(parking_id="one", due_at=world.clock.now()).written("another-worker")
    world.ledger.rows[parking.key] = parking
    world.ledger.unfit.add(parking.key)

    assert world.sweep().broken == {parking.key}


def test_a_schedule_that_cannot_be_stored_is_no_tick_that_another_one_does() -> None:
    world = PollingWorld()
    world.begin()
    world.ledger.unfit.add(SCHEDULE_KEY)

    with pytest.raises(RowsBroken, match=SCHEDULE_KEY):
        world.tick()


def test_a_stock_that_cannot_be_stored_is_named() -> None:
    world = PollingWorld()
    world.begin()
    stock_id = stock_id_of(
        tenant="default", provider=Provider.UNIQODO, account="main", offer_id="4883"
    )
    world.ledger.unfit.add(stock_key(stock_id))
    world.show(replace(snapshot(), stock=(StockSnapshot(offer_id="4883", left=1),)))

    assert world.cycle(seconds=600).broken == {stock_key(stock_id)}


def test_a_stock_that_cannot_be_read_keeps_no_redemption_from_being_recorded() -> None:
    world = PollingWorld()
    world.begin()
    stock_id = stock_id_of(
        tenant="default", provider=Provider.UNIQODO, account="main", offer_id="4883"
    )
    stock = replace(factories.any_stock(), stock_id=stock_id)
    world.ledger.rows[stock.key] = stock
    world.ledger.broken.add(stock.key)
    world.show(replace(snapshot(use()), stock=(StockSnapshot(offer_id="4883", left=1),)))

    report = world.cycle(seconds=600)

    assert report.failed == []
    assert report.broken == {stock.key}
    assert len(world.recorded) == 1
