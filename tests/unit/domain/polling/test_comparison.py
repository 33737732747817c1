"""The rows of one comparison fit into one transaction, and a notice names its watch."""

from couponbus.domain.polling.compare import after_poll
from couponbus.domain.polling.comparison import ROWS_TOGETHER, Comparison, Writes
from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.polling.watch import Watch
from couponbus.domain.provider import Provider
from tests import factories
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import a_use, a_watch, uses


def compared(watch: Watch, snapshot: Snapshot) -> Comparison:
    return Comparison(watch=watch, snapshot=snapshot, now=NOON, publish_by=NOON, stored={})


def test_there_is_room_for_as_many_rows_as_one_transaction_takes_with_the_watch() -> None:
    writes = Writes()

    while writes.has_room:
        writes.add(factories.any_notice())

    assert len(writes.rows) == ROWS_TOGETHER
    assert ROWS_TOGETHER + 1 < 100


def test_only_what_finds_no_room_must_wait_for_another_poll() -> None:
    writes = Writes()

    assert not writes.must_wait()
    assert not writes.is_pending
    while writes.has_room:
        writes.add(factories.any_notice())

    assert writes.must_wait()
    assert writes.is_pending


def test_a_row_that_is_added_again_takes_the_place_of_itself() -> None:
    writes, row = Writes(), factories.any_stock()

    writes.add(row)
    writes.add(row.announced(now=NOON))

    assert list(writes.rows.values()) == [row.announced(now=NOON)]


def test_the_same_comparison_gives_the_same_changes_each_time() -> None:
    shown = uses(*(a_use(number, at=NOON) for number in range(ROWS_TOGETHER + 1)))
    comparison = compared(a_watch(Provider.UNIQODO), shown)

    first = after_poll(comparison)

    assert first.recorded == ROWS_TOGETHER
    assert after_poll(comparison) == first
    assert not comparison.writes.rows


def test_a_notice_is_owed_and_says_of_which_watch_it_is() -> None:
    watch = a_watch(Provider.KOUPON)
    comparison = compared(watch, Snapshot(is_complete=True))

    comparison.notice(NoticeKind.OFFER_ENDED, offer_id="1281", reason="used_up", inferred=True)

    [notice] = comparison.writes.rows.values()
    assert isinstance(notice, Notice)
    assert (notice.kind, notice.offer_id, notice.reason, notice.inferred) == (
        NoticeKind.OFFER_ENDED,
        "1281",
        "used_up",
        True,
    )
    assert (notice.watch_id, notice.signup_id, notice.customer_ref) == (
        watch.watch_id,
        watch.signup_id,
        watch.customer_ref,
    )
    assert notice.unpublished
