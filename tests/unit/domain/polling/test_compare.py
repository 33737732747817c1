"""A look begins a watch, warns, and ends it, each at its time and once."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from couponbus.domain.polling.compare import FIRST_LOOK_PATIENCE, LAST_LOOK_PATIENCE
from couponbus.domain.polling.comparison import ROWS_TOGETHER
from couponbus.domain.polling.recorded_redemption import LastEvent
from couponbus.domain.polling.snapshot import UNCLEAR, Snapshot
from couponbus.domain.polling.watch import LOOK_AGAIN, YOUNG_AGAIN, WatchState
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import (
    Desk,
    a_use,
    a_watch,
    an_offer,
    looked_at,
    offers,
    uses,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EXPIRING, ENDED = "barcode_expiring", "offer_ended"


def a_code(ends: datetime | None, *, is_used_up: bool = False) -> Snapshot:
    return replace(uses(), offer_id="4883", code_ends=ends, is_used_up=is_used_up)


def started(snapshot: Snapshot, *, warn_days: int | None = None) -> Desk:
    provider = Provider.KOUPON if snapshot.offers else Provider.UNIQODO
    return looked_at(a_watch(provider, warn_days=warn_days), snapshot)


def test_a_first_look_begins_the_cohort_at_the_start_of_the_watch() -> None:
    desk = started(uses())

    assert (desk.watch.state, desk.watch.cohort_at) == (WatchState.ACTIVE, NOON)
    assert desk.watch.news_at == desk.now
    assert desk.watch.digest == uses().digest
    assert desk.watch.due_at == desk.watch.ends_at


def test_the_first_look_must_be_complete_for_an_hour() -> None:
    desk = Desk(watch=a_watch(Provider.UNIQODO))
    partial = uses(a_use(1), is_complete=False)

    while desk.now + LOOK_AGAIN < NOON + FIRST_LOOK_PATIENCE:
        changes = desk.look(partial)
        assert changes.rows == ()
        assert desk.watch.state is WatchState.STARTING
        assert desk.watch.due_at == desk.now + LOOK_AGAIN
    desk.look(partial)

    assert desk.watch.state is WatchState.ACTIVE
    assert desk.now == NOON + FIRST_LOOK_PATIENCE
    assert [row.native_id for row in desk.redemptions()] == ["1"]
    assert desk.history() == []


def test_whoever_redeems_is_young_again() -> None:
    desk = started(uses())

    desk.poll(uses(a_use(1)), after=20 * DAY)
    assert desk.watch.cohort_at == desk.now - YOUNG_AGAIN
    desk.poll(uses(a_use(1, value="8.00")), after=20 * DAY)

    assert desk.watch.cohort_at == NOON + 20 * DAY + MINUTE - YOUNG_AGAIN


def test_whoever_redeems_early_is_not_made_older() -> None:
    desk = started(uses())

    desk.poll(uses(a_use(1)), after=MINUTE)

    assert desk.watch.cohort_at == NOON


def test_news_count_what_was_recorded_and_leave_a_line() -> None:
    desk = started(uses())

    changes = desk.poll(uses(a_use(1), a_use(2)))

    assert changes is not None
    assert (changes.recorded, changes.reversed, changes.anomalies) == (2, 0, 0)
    assert desk.watch.recorded == 2
    assert desk.watch.trail[-1].detail == "2 recorded, 0 reversed"


def test_the_end_of_a_code_is_announced_once_some_days_before() -> None:
    desk, ends = started(a_code(NOON + 10 * DAY), warn_days=3), NOON + 10 * DAY
    assert desk.watch.due_at == ends - 3 * DAY

    desk.look(a_code(ends), after=7 * DAY - 2 * MINUTE)
    assert desk.notices() == []
    desk.look(a_code(ends))
    desk.look(a_code(ends))

    assert desk.notices() == [(EXPIRING, "4883", None)]
    assert desk.watch.due_at == ends + DAY


def test_a_code_that_ends_later_after_all_is_announced_again() -> None:
    desk = started(a_code(NOON + 2 * DAY), warn_days=3)

    desk.poll(a_code(NOON + 20 * DAY))
    desk.look(a_code(NOON + 20 * DAY), after=17 * DAY)

    assert desk.notices() == [(EXPIRING, "4883", None)] * 2


def test_nothing_is_announced_that_nobody_wants_or_that_is_over() -> None:
    unwanted = started(a_code(NOON + 2 * DAY))
    over = started(a_code(NOON - MINUTE), warn_days=3)

    assert unwanted.notices() == over.notices() == []
    assert over.watch.warned


def test_each_offer_that_can_still_be_redeemed_has_its_end_announced_once() -> None:
    snapshot = offers(
        an_offer("soon", 0, limit=1, ends=NOON + 4 * DAY),
        an_offer("later", 5, ends=NOON + 8 * DAY),
        an_offer("used", 1, limit=1, ends=NOON + 4 * DAY),
        an_offer("endless"),
    )
    desk = started(snapshot, warn_days=3)
    assert desk.watch.due_at == NOON + DAY

    desk.look(snapshot, after=DAY)
    assert desk.notices() == [(EXPIRING, "soon", None)]
    assert desk.watch.due_at == NOON + 5 * DAY
    desk.look(snapshot, after=4 * DAY)

    assert desk.notices() == [(EXPIRING, "soon", None), (EXPIRING, "later", None)]
    assert desk.watch.due_at == desk.watch.ends_at


def test_more_ends_than_fit_together_are_announced_in_several_looks() -> None:
    ends = NOON + 2 * DAY
    snapshot = offers(*(an_offer(str(n), ends=ends) for n in range(ROWS_TOGETHER + 5)))
    desk = started(snapshot, warn_days=3)
    assert (desk.watch.digest, len(desk.notices())) == ("", ROWS_TOGETHER)

    desk.look(snapshot)

    assert len(set(desk.notices())) == ROWS_TOGETHER + 5
    assert desk.watch.digest == snapshot.digest


@pytest.mark.parametrize(
    ("ends", "last_look", "reason"),
    [
        (NOON + 10 * DAY, NOON + 11 * DAY, "expired"),
        (NOON + 200 * DAY, NOON + 90 * DAY, "horizon_passed"),
        (None, NOON + 90 * DAY, "horizon_passed"),
    ],
)
def test_a_last_look_ends_a_watch_whose_time_has_passed(
    ends: datetime | None, last_look: datetime, reason: str
) -> None:
    desk = started(a_code(ends))
    assert desk.watch.due_at == last_look

    desk.look(a_code(ends), after=last_look - desk.now - MINUTE)
    assert desk.watch.state is WatchState.ACTIVE
    desk.look(a_code(ends))

    assert (desk.watch.state, desk.watch.reason) == (WatchState.ENDED, reason)
    told = [] if reason == "horizon_passed" else [(ENDED, "4883", reason)]
    assert desk.notices() == told


def test_a_code_that_is_used_up_ends_the_watch_with_its_last_redemption() -> None:
    desk = started(a_code(None))

    desk.poll(replace(a_code(None, is_used_up=True), uses=(a_use(1),)))

    assert desk.watch.reason == "used_up"
    assert desk.history() == [(LastEvent.RECORDED, "1")]
    assert desk.notices() == [(ENDED, "4883", "used_up")]


def test_the_last_offer_of_a_consumer_does_not_end_the_watch() -> None:
    snapshot = offers(an_offer(limit=1, count=1, ends=NOON + DAY))
    desk = started(snapshot)

    desk.settle(offers())
    desk.look(offers(), after=10 * DAY)

    assert desk.watch.state is WatchState.ACTIVE


def test_what_is_not_settled_holds_the_end_up_for_a_day_and_ever_more_seldom() -> None:
    desk, over = started(a_code(NOON + 2 * DAY)), NOON + 3 * DAY
    desk.poll(replace(a_code(NOON + 2 * DAY), uses=(a_use(1),)))
    desk.is_bus_down = True
    desk.settle(replace(a_code(NOON + 2 * DAY), uses=(a_use(1, value="9.00"),)))
    unsettled = replace(a_code(NOON + 2 * DAY), uses=(a_use(1, value="8.00"),))

    desk.look(unsettled, after=over - desk.now)
    looks = 0
    while desk.watch.state is not WatchState.ENDED:
        due_at = desk.watch.due_at
        assert due_at is not None
        assert due_at >= desk.now + LOOK_AGAIN
        desk.look(unsettled, after=due_at - desk.now)
        looks += 1

    assert desk.watch.reason == "expired"
    assert LAST_LOOK_PATIENCE <= desk.now - over < LAST_LOOK_PATIENCE * 1.3
    assert 10 < looks < 30


def test_what_cannot_be_believed_holds_the_end_up_too() -> None:
    desk = started(replace(a_code(NOON + 2 * DAY), uses=(a_use(1, at=NOON),)))
    partial = replace(a_code(NOON + 2 * DAY), is_complete=False)

    desk.poll(partial)
    assert desk.watch.digest == UNCLEAR
    desk.look(partial, after=NOON + 3 * DAY - desk.now)
    assert (desk.watch.state, desk.watch.digest) == (WatchState.ACTIVE, "")
    desk.settle(a_code(NOON + 2 * DAY))

    assert [told for told, _ in desk.history()] == [LastEvent.RECORDED, LastEvent.REVERSED]
    assert desk.watch.reason == "expired"


def test_a_code_is_not_used_up_while_something_cannot_be_believed() -> None:
    desk = started(replace(a_code(None), uses=(a_use(1, at=NOON),)))
    used_up = a_code(None, is_used_up=True)

    desk.poll(replace(used_up, uses=(a_use(1, at=NOON, value=None),), is_doubtful=True))
    assert desk.watch.state is WatchState.ACTIVE
    desk.poll(replace(used_up, uses=(a_use(1, at=NOON, value="8.00"),)))

    assert desk.watch.reason == "used_up"
    assert [told for told, _ in desk.history()] == [LastEvent.RECORDED, LastEvent.UPDATED]


def test_a_watch_that_starts_again_does_not_tell_what_happened_meanwhile() -> None:
    desk = started(a_code(None))
    desk.poll(replace(a_code(None, is_used_up=True), uses=(a_use(1),)))
    later = NOON + 40 * DAY
    by = replace(
        a_watch(Provider.UNIQODO),
        watch_id=desk.watch.watch_id,
        tenant=desk.watch.tenant,
        account=desk.watch.account,
        started_at=later,
        ends_at=later + 90 * DAY,
    )

    desk.watch, desk.now = desk.watch.restarted(by=by, now=later), later
    desk.look(uses(a_use(1), a_use(2), a_use(3, at=later)))

    assert desk.history() == [(LastEvent.RECORDED, "1"), (LastEvent.RECORDED, "3")]
    assert (desk.watch.round, desk.watch.recorded) == (2, 2)
