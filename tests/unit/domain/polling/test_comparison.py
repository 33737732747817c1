"""What is stored together fits together, and says of whom it is."""

from couponbus.domain.polling.comparison import ROWS_TOGETHER, Ledgering, Look
from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.domain.provider import Provider
from tests import factories
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import a_watch

LOOK = Look(now=NOON, publish_by=NOON, stored={})


def test_there_is_room_for_as_many_rows_as_one_transaction_takes_with_the_watch() -> None:
    ledgering = Ledgering()

    while ledgering.has_room:
        ledgering.add(factories.any_notice())

    assert len(ledgering.rows) == ROWS_TOGETHER
    assert ROWS_TOGETHER + 1 < 100


def test_a_row_that_is_added_again_takes_the_place_of_itself() -> None:
    ledgering, row = Ledgering(), factories.any_stock()

    ledgering.add(row)
    ledgering.add(row.announced(now=NOON))

    assert list(ledgering.rows.values()) == [row.announced(now=NOON)]


def test_a_notice_is_owed_and_says_of_which_watch_it_is() -> None:
    ledgering, watch = Ledgering(), a_watch(Provider.KOUPON)

    ledgering.notice(
        NoticeKind.OFFER_ENDED, watch, LOOK, offer_id="1281", reason="used_up", inferred=True
    )

    [notice] = ledgering.rows.values()
    assert isinstance(notice, Notice)
    assert (notice.what, notice.offer_id, notice.reason, notice.inferred) == (
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
