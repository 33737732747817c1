"""A poll begins a watch, warns, and ends it, each at its time and once."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from couponbus.domain.polling.compare import FIRST_POLL_PATIENCE, LAST_POLL_PATIENCE
from couponbus.domain.polling.comparison import ROWS_TOGETHER
from couponbus.domain.polling.recorded_redemption import LastEvent
from couponbus.domain.polling.snapshot import UNCLEAR, Snapshot
from couponbus.domain.polling.watch import POLL_AGAIN, YOUNG_AGAIN
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import (
    WatchHarness,
    a_use,
    a_watch,
    an_offer,
    offers,
    polled_once,
    uses,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EXPIRING, ENDED = "barcode_expiring", "offer_ended"


def a_code(ends: datetime | None, *, is_used_up: bool = False) -> Snapshot:
    return replace(uses(), offer_id="4883", code_ends=ends, is_used_up=is_used_up)


def started(snapshot: Snapshot, *, warn_days: int | None = None) -> WatchHarness:
    provider = Provider.KOUPON if snapshot.offers else Provider.UNIQODO
    return polled_once(a_watch(provider, warn_days=warn_days), snapshot)


def test_a_first_poll_begins_the_cohort_at_the_start_of_the_watch() -> None:
    harness = started(uses())

    assert (harness.watch.state, harness.watch.cohort_at) == (WatchState.ACTIVE, NOON)
    assert harness.watch.news_at == harness.now
    assert harness.watch.digest == uses().digest
    assert harness.watch.due_at == harness.watch.ends_at


def test_the_first_poll_must_be_complete_for_an_hour() -> None:
    harness = WatchHarness(watch=a_watch(Provider.UNIQODO))
    partial = uses(a_use(1), is_complete=False)

    while harness.now + POLL_AGAIN < NOON + FIRST_POLL_PATIENCE:
        changes = harness.record(partial)
        assert changes.rows == ()
        assert harness.watch.state is WatchState.STARTING
        assert harness.watch.due_at == harness.now + POLL_AGAIN
    harness.record(partial)

    assert harness.watch.state is WatchState.ACTIVE
    assert harness.now == NOON + FIRST_POLL_PATIENCE
    assert [row.native_id for row in harness.redemptions()] == ["1"]
    assert harness.history() == []


def test_a_customer_who_redeems_is_young_again() -> None:
    harness = started(uses())

    harness.poll(uses(a_use(1)), after=20 * DAY)
    assert harness.watch.cohort_at == harness.now - YOUNG_AGAIN
    harness.poll(uses(a_use(1, value="8.00")), after=20 * DAY)

    assert harness.watch.cohort_at == NOON + 20 * DAY + MINUTE - YOUNG_AGAIN


@pytest.mark.parametrize("after", [MINUTE, YOUNG_AGAIN, 2 * YOUNG_AGAIN - 2 * MINUTE])
def test_a_customer_who_redeems_early_stays_in_the_same_cohort(after: timedelta) -> None:
    harness = started(uses())

    harness.poll(uses(a_use(1)), after=after)

    assert harness.watch.cohort_at == NOON


def test_news_count_what_was_recorded_and_leave_a_line() -> None:
    harness = started(uses())

    changes = harness.poll(uses(a_use(1), a_use(2)))

    assert changes is not None
    assert (changes.recorded, changes.reversed, changes.anomalies) == (2, 0, 0)
    assert harness.watch.recorded == 2
    assert harness.watch.trail[-1].detail == "2 recorded, 0 reversed"


def test_the_end_of_a_code_is_announced_once_some_days_before() -> None:
    harness, ends = started(a_code(NOON + 10 * DAY), warn_days=3), NOON + 10 * DAY
    assert harness.watch.due_at == ends - 3 * DAY

    harness.record(a_code(ends), after=7 * DAY - 2 * MINUTE)
    assert harness.notices() == []
    harness.record(a_code(ends))
    harness.record(a_code(ends))

    assert harness.notices() == [(EXPIRING, "4883", None)]
    assert harness.watch.due_at == ends + DAY


def test_a_code_that_ends_later_after_all_is_announced_again() -> None:
    harness = started(a_code(NOON + 2 * DAY), warn_days=3)

    harness.poll(a_code(NOON + 20 * DAY))
    harness.record(a_code(NOON + 20 * DAY), after=17 * DAY)

    assert harness.notices() == [(EXPIRING, "4883", None)] * 2


def test_nothing_is_announced_that_is_not_wanted_or_that_is_over() -> None:
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
    harness = started(snapshot, warn_days=3)
    assert harness.watch.due_at == NOON + DAY

    harness.record(snapshot, after=DAY)
    assert harness.notices() == [(EXPIRING, "soon", None)]
    assert harness.watch.due_at == NOON + 5 * DAY
    harness.record(snapshot, after=4 * DAY)

    assert harness.notices() == [(EXPIRING, "soon", None), (EXPIRING, "later", None)]
    assert harness.watch.due_at == harness.watch.ends_at


def test_more_ends_than_fit_together_are_announced_in_several_polls() -> None:
    ends = NOON + 2 * DAY
    snapshot = offers(*(an_offer(str(n), ends=ends) for n in range(ROWS_TOGETHER + 5)))
    harness = started(snapshot, warn_days=3)
    assert (harness.watch.digest, len(harness.notices())) == ("", ROWS_TOGETHER)

    harness.record(snapshot)

    assert len(set(harness.notices())) == ROWS_TOGETHER + 5
    assert harness.watch.digest == snapshot.digest


@pytest.mark.parametrize(
    ("ends", "last_poll_at", "reason"),
    [
        (NOON + 10 * DAY, NOON + 11 * DAY, "expired"),
        (NOON + 200 * DAY, NOON + 90 * DAY, "horizon_passed"),
        (None, NOON + 90 * DAY, "horizon_passed"),
    ],
)
def test_a_last_poll_ends_a_watch_whose_time_has_passed(
    ends: datetime | None, last_poll_at: datetime, reason: str
) -> None:
    harness = started(a_code(ends))
    assert harness.watch.due_at == last_poll_at

    harness.record(a_code(ends), after=last_poll_at - harness.now - MINUTE)
    assert harness.watch.state is WatchState.ACTIVE
    harness.record(a_code(ends))

    assert (harness.watch.state, harness.watch.reason) == (WatchState.ENDED, reason)
    published = [] if reason == "horizon_passed" else [(ENDED, "4883", reason)]
    assert harness.notices() == published


def test_a_code_that_is_used_up_ends_its_offer_at_once_and_its_watch_after_a_grace() -> None:
    harness = started(a_code(None))

    used_up = replace(a_code(None, is_used_up=True), uses=(a_use(1),))
    harness.poll(used_up)

    assert harness.watch.state is WatchState.ACTIVE
    assert harness.watch.due_at == harness.now + 30 * DAY
    assert harness.watch.poll_policy_now.floor_seconds == DAY.total_seconds()
    assert harness.history() == [(LastEvent.RECORDED, "1")]
    assert harness.notices() == [(ENDED, "4883", "used_up")]

    harness.record(used_up, after=30 * DAY)

    assert (harness.watch.state, harness.watch.reason) == (WatchState.ENDED, "used_up")
    assert harness.notices() == [(ENDED, "4883", "used_up")]


def test_a_used_up_code_is_corrected_and_refunded_within_its_grace() -> None:
    harness = started(a_code(None))
    used_up = a_code(None, is_used_up=True)
    harness.poll(replace(used_up, uses=(a_use(1),)))

    harness.poll(replace(used_up, uses=(a_use(1, value="8.00"),)), after=DAY)
    harness.poll(a_code(None), after=3 * DAY)
    harness.settle(a_code(None))

    assert [published for published, _ in harness.history()] == [
        LastEvent.RECORDED,
        LastEvent.UPDATED,
        LastEvent.REVERSED,
    ]
    assert (harness.watch.state, harness.watch.used_up_at) == (WatchState.ACTIVE, None)
    assert harness.watch.poll_policy_now == harness.watch.poll_policy


def test_the_last_offer_of_a_consumer_does_not_end_the_watch() -> None:
    snapshot = offers(an_offer(limit=1, count=1, ends=NOON + DAY))
    harness = started(snapshot)

    harness.settle(offers())
    harness.record(offers(), after=10 * DAY)

    assert harness.watch.state is WatchState.ACTIVE


def test_what_is_not_settled_holds_the_end_up_for_a_day_and_ever_more_seldom() -> None:
    harness, over = started(a_code(NOON + 2 * DAY)), NOON + 3 * DAY
    harness.poll(replace(a_code(NOON + 2 * DAY), uses=(a_use(1),)))
    harness.is_bus_down = True
    harness.settle(replace(a_code(NOON + 2 * DAY), uses=(a_use(1, value="9.00"),)))
    unsettled = replace(a_code(NOON + 2 * DAY), uses=(a_use(1, value="8.00"),))

    harness.record(unsettled, after=over - harness.now)
    looks = 0
    while harness.watch.state is not WatchState.ENDED:
        due_at = harness.watch.due_at
        assert due_at is not None
        assert due_at >= harness.now + POLL_AGAIN
        harness.record(unsettled, after=due_at - harness.now)
        looks += 1

    assert harness.watch.reason == "expired"
    assert LAST_POLL_PATIENCE <= harness.now - over < LAST_POLL_PATIENCE * 1.3
    assert 10 < looks < 30


def test_what_cannot_be_believed_holds_the_end_up_too() -> None:
    harness = started(replace(a_code(NOON + 2 * DAY), uses=(a_use(1, at=NOON),)))
    partial = replace(a_code(NOON + 2 * DAY), is_complete=False)

    harness.poll(partial)
    assert harness.watch.digest == UNCLEAR
    harness.record(partial, after=NOON + 3 * DAY - harness.now)
    assert (harness.watch.state, harness.watch.digest) == (WatchState.ACTIVE, "")
    harness.settle(a_code(NOON + 2 * DAY))

    assert [published for published, _ in harness.history()] == [
        LastEvent.RECORDED,
        LastEvent.REVERSED,
    ]
    assert harness.watch.reason == "expired"


def test_a_code_is_not_used_up_while_something_cannot_be_believed() -> None:
    harness = started(replace(a_code(None), uses=(a_use(1, at=NOON),)))
    used_up = a_code(None, is_used_up=True)

    harness.poll(replace(used_up, uses=(a_use(1, at=NOON, value=None),), is_doubtful=True))
    assert harness.watch.state is WatchState.ACTIVE
    assert harness.watch.used_up_at is None
    harness.poll(replace(used_up, uses=(a_use(1, at=NOON, value="8.00"),)))

    assert harness.watch.used_up_at == harness.now
    assert [published for published, _ in harness.history()] == [
        LastEvent.RECORDED,
        LastEvent.UPDATED,
    ]


def test_a_watch_that_starts_again_does_not_publish_what_happened_meanwhile() -> None:
    harness = started(a_code(None))
    harness.watch = replace(harness.watch, used_up_grace_seconds=0)
    harness.poll(replace(a_code(None, is_used_up=True), uses=(a_use(1),)))
    later = NOON + 40 * DAY
    by = replace(
        a_watch(Provider.UNIQODO),
        watch_id=harness.watch.watch_id,
        tenant=harness.watch.tenant,
        account=harness.watch.account,
        started_at=later,
        ends_at=later + 90 * DAY,
    )

    harness.watch, harness.now = harness.watch.restarted(by=by, now=later), later
    harness.record(uses(a_use(1), a_use(2), a_use(3, at=later)))

    assert harness.history() == [(LastEvent.RECORDED, "1"), (LastEvent.RECORDED, "3")]
    assert (harness.watch.round, harness.watch.recorded) == (2, 2)
