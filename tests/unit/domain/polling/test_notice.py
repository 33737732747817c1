"""A notice has an id that says what it is about, and when in the life of a watch."""

from datetime import timedelta

from couponbus.domain.polling.notice import (
    Notice,
    NoticeKind,
    budget_notice_id,
    notice_id_of,
    notice_key,
)
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON

SOON = NOON + timedelta(minutes=1)


def test_a_notice_owes_one_event() -> None:
    notice = Notice(
        notice_id="N",
        kind=NoticeKind.OFFER_ENDED,
        tenant="default",
        provider=Provider.KOUPON,
        account="brand",
        noticed_at=NOON,
    )

    owed = notice.to_publish(by=SOON)

    assert owed.key == notice_key("N") == "NOTICE#N"
    assert (owed.outcomes, owed.due_at) == (1, SOON)
    assert [(step.at, step.what) for step in owed.trail] == [(NOON, "offer_ended")]
    assert not owed.announced(now=SOON).unpublished


def test_a_repeated_poll_publishes_the_same_and_the_next_one_something_else() -> None:
    ids = {
        notice_id_of(watch, revision=revision, what=what, offer_id=offer_id)
        for watch in ("WATCH#1", "WATCH#2")
        for revision in (3, 4)
        for what in (NoticeKind.OFFER_ENDED, NoticeKind.OFFER_AVAILABLE)
        for offer_id in (None, "1", "2")
    }

    assert len(ids) == 24
    again = notice_id_of("WATCH#1", revision=3, what=NoticeKind.OFFER_ENDED, offer_id="1")
    assert again in ids


def test_of_a_budget_one_notice_is_made_each_day() -> None:
    ids = {
        budget_notice_id(provider=provider, account=account, day=day)
        for provider in Provider
        for account in ("one", "another")
        for day in ("2026-06-01", "2026-06-02")
    }

    assert len(ids) == 8
