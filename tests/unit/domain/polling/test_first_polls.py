"""What a first poll shows came before the sign-up or since: evidence says it, or the program."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.polling.compare_uniqodo import CLOCKS_APART
from couponbus.domain.polling.comparison import ROWS_TOGETHER
from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.domain.polling.poll_policy import Customers
from couponbus.domain.polling.recorded_redemption import LastEvent, RedemptionState
from couponbus.domain.polling.watch_states import EndReason, WatchState
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
from tests.unit.domain.polling.test_compare_uniqodo import unknown_time

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SINCE = NOON + timedelta(seconds=20)
RECORDED = LastEvent.RECORDED
LATE = "first_poll_late"


def a_new_customer() -> WatchHarness:
    return WatchHarness(watch=replace(a_watch(Provider.KOUPON), customers=Customers.NEW))


def test_what_a_new_customer_redeems_before_a_late_first_poll_is_recorded_as_inferred() -> None:
    harness = a_new_customer()

    harness.record(offers(an_offer(count=1, starts=NOON - DAY)), after=timedelta(hours=3))

    assert harness.history() == [(RECORDED, 1)]
    assert [(row.inferred, row.seen_after) for row in harness.redemptions()] == [(True, NOON)]
    assert harness.notices() == []


def test_what_a_new_customer_redeems_after_the_first_poll_is_shown_and_not_inferred() -> None:
    harness = a_new_customer()

    harness.record(offers(an_offer(), an_offer("99", count=1, starts=NOON)))
    first_poll = harness.now
    harness.poll(offers(an_offer(count=1), an_offer("99", count=1, starts=NOON)))

    assert {(row.offer_id, row.inferred, row.seen_after) for row in harness.redemptions()} == {
        ("99", False, NOON),
        ("1281", False, first_poll),
    }


def test_an_offer_that_a_new_customer_gets_later_has_all_that_it_counts_recorded() -> None:
    harness = a_new_customer()
    harness.record(offers())
    first_poll = harness.now

    harness.poll(offers(an_offer(count=2, starts=NOON - DAY)))

    assert harness.history() == [(RECORDED, 1), (RECORDED, 2)]
    assert {(row.inferred, row.seen_after) for row in harness.redemptions()} == {(True, first_poll)}


def test_more_than_one_poll_can_store_is_recorded_as_inferred_by_the_polls_that_follow() -> None:
    harness, made = a_new_customer(), ROWS_TOGETHER + 7
    seen = offers(an_offer(count=made), an_offer("99", count=ROWS_TOGETHER))

    harness.record(seen, after=timedelta(hours=3))
    before = harness.watch.state
    harness.settle(seen)

    assert (before, harness.watch.state) == (WatchState.STARTING, WatchState.ACTIVE)
    assert harness.history().count((RECORDED, 1)) == 2
    assert len({row.key for row in harness.redemptions()}) == made + ROWS_TOGETHER
    assert {(row.inferred, row.seen_after) for row in harness.redemptions()} == {(True, NOON)}
    assert harness.watch.set_aside == 0


def test_a_later_round_of_a_new_customer_counts_nothing_from_before() -> None:
    harness = a_new_customer()
    harness.record(offers(an_offer(count=1)))
    harness.watch = harness.watch.ended(
        reason=EndReason.CANCELLED, now=harness.now, publish_by=harness.now
    )
    harness.publish()

    harness.watch = harness.watch.restarted(by=a_new_customer().watch, now=harness.now)
    harness.record(offers(an_offer(count=3)), after=MINUTE)

    assert harness.history() == [(RECORDED, 1)]


@pytest.mark.parametrize(
    ("after", "count", "published"),
    [
        (timedelta(hours=3), 2, [(LATE, None, None)]),
        (timedelta(hours=3), 0, []),
        (timedelta(minutes=10), 2, []),
    ],
)
def test_a_late_first_poll_that_sets_redemptions_aside_is_published_once(
    after: timedelta, count: int, published: Sequence[tuple[str, str | None, str | None]]
) -> None:
    harness = WatchHarness(watch=a_watch(Provider.KOUPON))
    seen = offers(an_offer(count=count), an_offer("99", count=1, starts=NOON))

    harness.record(seen, after=after)
    harness.poll(offers(an_offer(count=count), an_offer("99", count=2, starts=NOON)))

    assert harness.notices() == published
    assert harness.watch.set_aside == count


def test_of_a_new_customer_the_first_poll_also_records_what_has_no_legible_time() -> None:
    watch = replace(a_watch(Provider.UNIQODO), customers=Customers.NEW)
    before = a_use(1, at=NOON - CLOCKS_APART - timedelta(seconds=1))

    harness = polled_once(watch, uses(before, a_use(2, at=SINCE), unknown_time(3)))

    assert harness.history() == [(RECORDED, "2"), (RECORDED, "3")]
    rows = {row.native_id: row for row in harness.redemptions()}
    assert rows["1"].state is RedemptionState.BEFORE
    assert (rows["2"].inferred, rows["2"].seen_after) == (False, None)
    assert (rows["3"].inferred, rows["3"].seen_after) == (True, NOON)
    assert harness.watch.set_aside == 0


def test_what_is_redeemed_while_a_sign_up_waits_for_its_barcode_is_recorded() -> None:
    signed_up_at = NOON - timedelta(hours=3)
    waited = replace(a_watch(Provider.UNIQODO), signed_up_at=signed_up_at)
    seen = uses(a_use(1, at=signed_up_at - MINUTE), a_use(2, at=signed_up_at + MINUTE))
    offered = WatchHarness(watch=replace(a_watch(Provider.KOUPON), signed_up_at=signed_up_at))
    offered.record(offers(an_offer(count=1, starts=signed_up_at)))

    assert polled_once(waited, seen).history() == [(RECORDED, "2")]
    assert offered.history() == [(RECORDED, 1)]
    assert [row.seen_after for row in offered.redemptions()] == [signed_up_at]


def test_a_late_first_poll_publishes_how_many_without_a_legible_time_it_set_aside() -> None:
    harness = WatchHarness(watch=a_watch(Provider.UNIQODO))

    harness.record(uses(a_use(1), unknown_time(2), unknown_time(3)), after=timedelta(minutes=11))

    assert harness.history() == []
    [notice] = [row for row in harness.published if isinstance(row, Notice)]
    assert (notice.kind, notice.started_at, notice.noticed_at, notice.set_aside) == (
        NoticeKind.FIRST_POLL_LATE,
        NOON,
        harness.watch.first_poll_at,
        2,
    )


def test_a_late_first_poll_of_legible_times_has_nothing_to_publish() -> None:
    harness = WatchHarness(watch=a_watch(Provider.UNIQODO))

    harness.record(uses(a_use(1), a_use(2, at=SINCE)), after=timedelta(hours=3))

    assert harness.notices() == []
