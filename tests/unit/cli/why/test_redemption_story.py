"""The results of polls are shown in plain sentences, without names or whole codes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.polling.notice import NoticeKind
from couponbus.domain.polling.recorded_redemption import RecordedRedemption, RedemptionState, Value
from couponbus.domain.row import Row, Step
from couponbus_cli.watch.polling import Polling
from couponbus_cli.why.story import stories, story
from tests.factories import any_notice, any_stock
from tests.fakes.clock import NOON
from tests.unit.cli.rows import an_issuance
from tests.unit.cli.watches import HOUR, a_redemption, an_active_watch

UNPOLLED = Polling()
SOON = NOON + timedelta(seconds=20)


@pytest.fixture
def row() -> RecordedRedemption:
    return a_redemption(an_active_watch())


def timeline_texts(row: Row) -> list[str]:
    return [event.text for event in story(row, now=NOON, polling=UNPOLLED).timeline]


def next_of(row: Row) -> str:
    return story(row, now=NOON, polling=UNPOLLED).next


def title_of(row: Row) -> str:
    return story(row, now=NOON, polling=UNPOLLED).title


def test_a_redemption_says_what_it_was_worth_and_between_which_polls_it_came(
    row: RecordedRedemption,
) -> None:
    assert title_of(row) == (
        f"Redemption {row.redemption_id}: RECORDED; uniqodo main, offer offer-7, code ••••1234,"
        " id at the provider 9812, order value 20.00 GBP, discount 5.00 GBP"
    )
    assert timeline_texts(row.announced(now=NOON)) == [
        "A poll showed it; it was not there yet 2026-06-01 11:01:00 UTC.",
        "It was recorded.",
        "RedemptionRecorded was published on the bus.",
    ]
    assert next_of(row).startswith("the outcome is published on the bus, at the latest")
    assert next_of(row.announced(now=NOON)) == (
        "nothing, unless the provider changes it or takes it back."
    )


def test_its_later_changes_are_shown(row: RecordedRedemption) -> None:
    changed = row.announced(now=NOON - HOUR / 4).updated(
        value=replace(row.value, order_value="25"), content="x", now=NOON, publish_by=SOON
    )
    reversed_ = changed.announced(now=NOON).reversed(now=NOON + HOUR, publish_by=SOON)

    assert timeline_texts(changed)[2:] == [
        "An outcome was published on the bus.",
        "The provider shows other values, or shows it again: it was updated.",
    ]
    assert timeline_texts(reversed_.announced(now=NOON + HOUR))[-2:] == [
        "The provider showed it no more: it was reversed.",
        "RedemptionReversed was published on the bus.",
    ]
    assert next_of(reversed_.announced(now=NOON)) == "nothing; it is done."


def test_what_the_provider_says_of_the_time_stands_first(row: RecordedRedemption) -> None:
    at = NOON - HOUR
    value = Value(redeemed_at=at, tz_assumed=True)

    assert timeline_texts(replace(row, value=value))[0] == (
        "The customer redeemed, by the provider's clock, in a zone that was assumed."
    )
    assert timeline_texts(replace(row, value=Value(redeemed_at=at)))[0] == (
        "The customer redeemed, by the provider's clock."
    )


def test_what_was_there_before_is_not_published(row: RecordedRedemption) -> None:
    before = replace(
        row,
        state=RedemptionState.BEFORE,
        last_event=None,
        outcomes=0,
        trail=(Step(NOON, "slept"),),
        seen_after=None,
        due_at=None,
    )

    assert "from before the watch, so no event was published" in title_of(before)
    assert timeline_texts(before) == ["A poll showed it.", "slept"]
    assert next_of(before) == "nothing; it is done."


def test_what_is_only_counted_has_a_number(row: RecordedRedemption) -> None:
    counted = replace(
        row, value=Value(), native_id=None, code_masked=None, ordinal=2, inferred=True
    )

    assert title_of(counted).endswith(
        "offer offer-7, number 2, inferred from an offer that was used up, or from its program,"
        " whose customers are new"
    )
    assert title_of(replace(row, inferred=True)).endswith(
        ", inferred from its program, whose customers are new"
    )


def test_a_late_first_poll_says_how_many_redemptions_are_not_published() -> None:
    notice = replace(any_notice(), kind=NoticeKind.FIRST_POLL_LATE, offer_id=None, ends_at=None)
    notice = replace(notice, set_aside=2, calls_due=None, outcomes=0, trail=())

    assert timeline_texts(notice.to_publish(by=SOON))[0] == (
        "The first poll came late; not published of what it showed: 2 redemptions."
    )


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        (("209", "555"), "not valid for use: 209, a rule of the promotion, 555."),
        ((), "no error is shown any more."),
    ],
)
def test_a_notice_says_why_a_code_is_not_valid(errors: tuple[str, ...], said: str) -> None:
    notice = replace(
        any_notice(),
        kind=NoticeKind.CODE_VALIDITY_CHANGED,
        ends_at=None,
        reason=None,
        calls_due=None,
        errors=errors,
    )
    owed = replace(notice, outcomes=0, trail=()).to_publish(by=SOON)

    assert timeline_texts(owed)[0] == f"The validity of the customer's code changed; {said}"


@pytest.mark.parametrize(
    ("what", "said", "event"),
    [
        (NoticeKind.OFFER_AVAILABLE, "The customer got an offer since", "OfferAvailable"),
        (NoticeKind.OFFER_ENDED, "The customer's offer ended", "OfferEnded"),
        (NoticeKind.BARCODE_EXPIRING, "The customer's code expires soon", "BarcodeExpiring"),
    ],
)
def test_a_notice_says_what_was_announced(what: NoticeKind, said: str, event: str) -> None:
    notice = replace(
        any_notice(), kind=what, offer_id="7", ends_at=NOON, reason="used_up", calls_due=None
    )
    owed = replace(notice, outcomes=0, trail=()).to_publish(by=SOON)
    published_at = notice.noticed_at + HOUR

    assert title_of(owed).endswith(", offer 7")
    assert timeline_texts(owed)[0].startswith(said)
    assert timeline_texts(owed)[0].endswith("; it ends 2026-06-01 12:00:00 UTC; used_up.")
    assert (
        timeline_texts(owed.announced(now=published_at))[-1] == f"{event} was published on the bus."
    )
    assert next_of(owed.announced(now=published_at)) == "nothing; it is done."


@pytest.mark.parametrize(("allowed", "said"), [(5000, "5,000 allowed"), (None, "no limit")])
def test_a_budget_that_is_too_small_is_shown_in_calls_a_day(allowed: int | None, said: str) -> None:
    notice = replace(
        any_notice(),
        kind=NoticeKind.BUDGET_EXCEEDED,
        offer_id=None,
        ends_at=None,
        reason=None,
        calls_due=12345,
        calls_allowed=allowed,
    )

    assert timeline_texts(notice)[0] == (
        f"More polls are due than the account's budget allows; 12,345 calls a day due, {said}."
    )


def test_a_stock_shows_its_crossings() -> None:
    low = replace(any_stock(), trail=(Step(NOON, "low", "80"),))
    plenty = low.announced(now=NOON).crossed(500, now=NOON + HOUR, publish_by=SOON)

    assert title_of(low).startswith(f"Stock of the offer {low.offer_id}: LOW;")
    assert timeline_texts(low) == ["Only 80 codes were left."]
    assert timeline_texts(plenty)[-1] == "There were enough codes again."
    assert ": PLENTY;" in title_of(plenty)
    assert next_of(plenty) == "nothing, until the number crosses a limit again."


def test_stories_are_ordered_as_things_happen_to_a_customer(row: RecordedRedemption) -> None:
    earlier = replace(row, redemption_id="B" * 26, seen_at=NOON - 2 * HOUR)
    rows = [any_notice(), row, earlier, an_active_watch(), an_issuance()]

    published_rows = stories(rows, now=NOON, polling=UNPOLLED)

    assert [each.title.split()[0] for each in published_rows] == [
        "Issuance",
        "Watch",
        "Redemption",
        "Redemption",
        "Notice",
    ]
    assert published_rows[2].key == earlier.key
