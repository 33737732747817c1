"""Started and ended offers, expiring codes and exceeded budgets are published once each."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.domain.provider import Provider
from couponbus.events.offers import BarcodeExpiring, CodeValidityChanged, OfferAvailable, OfferEnded
from couponbus.events.watches import FirstPollLate, PollingBudgetExceeded
from couponbus.usecases.publishing.event_mapping import announcement
from tests import factories
from tests.fakes.clock import NOON

OF_A_WATCH = tuple(one for one in NoticeKind if one is not NoticeKind.BUDGET_EXCEEDED)
ENDS = NOON + timedelta(days=5)


def notice(what: NoticeKind) -> Notice:
    """Return one that concerns a watch, or only an account."""
    row = replace(
        factories.any_notice(kind=what),
        tenant="north",
        provider=Provider.KOUPON,
        account="main",
        noticed_at=NOON,
    )
    if what is NoticeKind.BUDGET_EXCEEDED:
        return replace(row, calls_allowed=5000, calls_due=6120)
    if what is NoticeKind.FIRST_POLL_LATE:
        return replace(row, started_at=NOON - timedelta(hours=3))
    return replace(row, offer_id="501", ends_at=ENDS)


def test_an_offer_that_came_is_published() -> None:
    row = notice(NoticeKind.OFFER_AVAILABLE)

    event = announcement(row)

    assert isinstance(event, OfferAvailable)
    assert (event.data.offer_id, event.data.ends_at) == ("501", ENDS)
    assert event.data.watch_id == row.watch_id
    assert event.data.signup_id == row.signup_id


@pytest.mark.parametrize(
    ("reason", "is_inferred"), [("used_up", True), ("expired", False), ("withdrawn", False)]
)
def test_an_offer_that_ended_is_published_with_its_reason(reason: str, is_inferred: bool) -> None:
    row = replace(notice(NoticeKind.OFFER_ENDED), reason=reason, inferred=is_inferred)

    event = announcement(row)

    assert isinstance(event, OfferEnded)
    assert (event.data.reason, event.data.inferred) == (reason, is_inferred)
    assert (event.data.offer_id, event.data.ends_at) == ("501", ENDS)


def test_a_reason_that_was_lost_is_unknown() -> None:
    event = announcement(replace(notice(NoticeKind.OFFER_ENDED), reason=None))

    assert isinstance(event, OfferEnded)
    assert event.data.reason == "unknown"


def test_a_code_that_expires_soon_is_published() -> None:
    event = announcement(notice(NoticeKind.BARCODE_EXPIRING))

    assert isinstance(event, BarcodeExpiring)
    assert (event.data.offer_id, event.data.expires_at) == ("501", ENDS)


def test_a_first_poll_that_came_late_says_from_when_to_when_it_was_blind() -> None:
    row = notice(NoticeKind.FIRST_POLL_LATE)

    event = announcement(row)

    assert isinstance(event, FirstPollLate)
    assert event.data.watch_id == row.watch_id
    assert (event.data.started_at, event.data.first_poll_at) == (NOON - timedelta(hours=3), NOON)
    assert event.data.set_aside == 2


@pytest.mark.parametrize("errors", [("204", "555"), ()])
def test_why_a_code_is_not_valid_is_published_by_numbers(errors: tuple[str, ...]) -> None:
    event = announcement(replace(notice(NoticeKind.CODE_VALIDITY_CHANGED), errors=errors))

    assert isinstance(event, CodeValidityChanged)
    assert (event.data.offer_id, event.data.errors) == ("501", [int(one) for one in errors])


def test_a_budget_that_does_not_reach_is_published_for_its_day_and_names_no_customer() -> None:
    event = announcement(notice(NoticeKind.BUDGET_EXCEEDED))

    assert isinstance(event, PollingBudgetExceeded)
    assert event.model_dump(mode="json")["data"] == {
        "provider": "koupon",
        "account": "main",
        "day": "2026-06-01",
        "calls_allowed": 5000,
        "calls_due": 6120,
        "rest_kept": False,
    }


def test_the_day_of_a_budget_is_that_of_utc() -> None:
    evening_elsewhere = datetime(2026, 6, 1, 20, 30, tzinfo=timezone(timedelta(hours=-5)))
    row = replace(notice(NoticeKind.BUDGET_EXCEEDED), noticed_at=evening_elsewhere)

    event = announcement(row)

    assert isinstance(event, PollingBudgetExceeded)
    assert event.data.day == evening_elsewhere.astimezone(UTC).date()
    assert event.data.day.day == 2


@pytest.mark.parametrize("what", NoticeKind)
def test_a_notice_is_the_same_event_each_time_and_of_the_time_when_it_was_noticed(
    what: NoticeKind,
) -> None:
    row = notice(what)
    moved_on = row.written("w").handed_over(until=ENDS).announced(now=ENDS)

    event = announcement(row)

    assert event is not None
    assert event == announcement(moved_on)
    assert (event.metadata.occurred_at, event.metadata.sequence) == (NOON, 1)
    assert event.metadata.tenant == "north"
    assert event.origin == "couponbus.koupon"


@pytest.mark.parametrize("what", OF_A_WATCH)
def test_a_notice_that_names_no_customer_is_not_published(what: NoticeKind) -> None:
    row = notice(what)

    assert announcement(row) is not None
    assert announcement(replace(row, watch_id=None)) is None
    assert announcement(replace(row, program=None)) is None
    assert announcement(replace(row, signup_id=None)) is None
    assert announcement(replace(row, customer_ref=None)) is None


def test_a_notice_without_what_it_is_about_is_not_published() -> None:
    assert announcement(replace(notice(NoticeKind.BARCODE_EXPIRING), ends_at=None)) is None
    assert announcement(replace(notice(NoticeKind.BUDGET_EXCEEDED), calls_due=None)) is None
    assert announcement(replace(notice(NoticeKind.FIRST_POLL_LATE), set_aside=None)) is None
    assert announcement(replace(notice(NoticeKind.FIRST_POLL_LATE), started_at=None)) is None
