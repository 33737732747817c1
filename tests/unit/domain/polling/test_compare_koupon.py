"""Each offer that enters or leaves is published once; an incomplete list proves no absence."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from couponbus.domain.polling.compare_koupon import KNOWN_MAX
from couponbus.domain.polling.recorded_redemption import LastEvent
from couponbus.domain.polling.snapshot import UNCLEAR, OfferSnapshot, Snapshot
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import (
    WatchHarness,
    a_watch,
    an_offer,
    count_of,
    offers,
    polled_once,
)

DAY = timedelta(days=1)
RECORDED, REVERSED = LastEvent.RECORDED, LastEvent.REVERSED
AVAILABLE, ENDED, LATE = "offer_available", "offer_ended", "first_poll_late"
OTHER = an_offer("99")


def started(*shown: OfferSnapshot) -> WatchHarness:
    return polled_once(a_watch(Provider.KOUPON), offers(*shown))


def test_what_the_first_poll_shows_is_not_announced() -> None:
    assert started(an_offer()).notices() == []


def test_an_offer_that_comes_later_is_announced_once() -> None:
    harness = started()

    harness.poll(offers(an_offer()))
    harness.poll(offers(an_offer(count=1)))

    assert harness.notices() == [(AVAILABLE, "1281", None)]


def test_an_offer_that_is_not_active_is_announced_once_it_is() -> None:
    harness = started()
    waiting = dataclasses.replace(an_offer(), is_active=False)

    harness.poll(offers(waiting))
    assert harness.notices() == []
    harness.poll(offers(an_offer()))
    harness.poll(offers(an_offer()))

    assert harness.notices() == [(AVAILABLE, "1281", None)]
    assert offers(waiting).digest != offers(an_offer()).digest


def test_a_known_offer_that_is_set_inactive_has_not_left_and_is_counted() -> None:
    harness = started(an_offer(limit=2))

    harness.poll(offers(dataclasses.replace(an_offer(count=1, limit=2), is_active=False)))

    assert harness.notices() == []
    assert [what for what, _ in harness.history()] == [RECORDED]


@pytest.mark.parametrize(
    ("starts", "recorded"),
    [(NOON, 2), (NOON + DAY, 2), (NOON - timedelta(seconds=1), 0), (None, 0)],
)
def test_only_an_offer_that_began_since_has_its_first_count_recorded(
    starts: datetime | None, recorded: int
) -> None:
    harness = started()

    harness.poll(offers(an_offer(count=2, starts=starts)))

    assert harness.history() == [(RECORDED, number + 1) for number in range(recorded)]


@pytest.mark.parametrize(("starts", "recorded"), [(NOON, 2), (NOON - DAY, 0), (None, 0)])
def test_a_late_first_poll_records_what_an_offer_that_began_since_counts(
    starts: datetime | None, recorded: int
) -> None:
    harness = WatchHarness(watch=a_watch(Provider.KOUPON))

    harness.record(offers(an_offer(count=2, starts=starts)), after=timedelta(hours=3))

    assert harness.history() == [(RECORDED, number + 1) for number in range(recorded)]
    assert {row.seen_after for row in harness.redemptions()} <= {NOON}
    assert harness.notices() == ([] if recorded else [(LATE, None, None)])


def test_an_offer_that_began_since_may_be_illegible_at_first() -> None:
    harness = started()

    harness.poll(offers(an_offer(count=None, starts=NOON), is_doubtful=True))
    harness.poll(offers(an_offer(count=2, starts=NOON)))

    assert harness.history() == [(RECORDED, 1), (RECORDED, 2)]


@pytest.mark.parametrize(
    ("gone", "reason", "history"),
    [
        (an_offer(count=1, limit=None), "withdrawn", []),
        (an_offer(count=1, limit=3), "withdrawn", []),
        (an_offer(count=0, limit=0), "withdrawn", []),
        (an_offer(count=None, limit=1), "withdrawn", []),
        (an_offer(count=3, limit=3), "used_up", []),
        (an_offer(count=2, limit=3), "used_up", [(RECORDED, 1)]),
    ],
)
def test_why_an_offer_left_follows_from_its_count(
    gone: OfferSnapshot, reason: str, history: Sequence[tuple[LastEvent, int]]
) -> None:
    harness = started(gone, OTHER)

    harness.record(offers(OTHER))
    assert harness.notices() == []
    harness.record(offers(OTHER))

    assert harness.notices() == [(ENDED, "1281", reason)]
    assert harness.history() == history
    assert all(row.inferred for row in harness.redemptions())
    assert harness.poll(offers(OTHER)) is None


def test_an_offer_that_left_after_its_end_has_expired() -> None:
    harness = started(an_offer(count=0, limit=1, ends=NOON + DAY), OTHER)

    harness.poll(offers(OTHER), after=2 * DAY)

    assert harness.notices() == [(ENDED, "1281", "expired")]
    assert harness.history() == []


@pytest.mark.parametrize(
    "bad",
    [
        offers(OTHER, is_complete=False),
        offers(OTHER, is_doubtful=True),
        offers(OTHER, withheld=1),
    ],
    ids=["incomplete", "doubtful", "withheld"],
)
def test_a_list_that_may_lack_some_infers_nothing_however_often(bad: Snapshot) -> None:
    harness = started(an_offer(count=0, limit=1), OTHER)

    harness.poll(bad)
    assert harness.watch.digest == UNCLEAR
    assert all(harness.poll(bad) is None for _ in range(9))
    harness.settle(offers(OTHER))

    assert harness.notices() == [(ENDED, "1281", "used_up")]


def test_what_was_withheld_all_along_explains_no_absence() -> None:
    harness = polled_once(a_watch(Provider.KOUPON), offers(an_offer(), OTHER, withheld=1))
    harness.poll(offers(an_offer(), OTHER, withheld=2))

    harness.settle(offers(OTHER, withheld=2))

    assert harness.notices() == [(ENDED, "1281", "withdrawn")]


def test_one_that_is_missed_only_once_has_not_left() -> None:
    harness = started(an_offer(), OTHER)

    for _ in range(3):
        harness.record(offers(OTHER))
        harness.record(offers(an_offer(), OTHER))

    assert harness.notices() == []


def test_one_that_comes_back_goes_on_with_its_count() -> None:
    harness = started(an_offer(count=1, limit=9), OTHER)
    harness.settle(offers(OTHER))

    harness.poll(offers(an_offer(count=2, limit=9), OTHER))
    harness.settle(offers(OTHER))

    assert harness.notices() == [
        (ENDED, "1281", "withdrawn"),
        (AVAILABLE, "1281", None),
        (ENDED, "1281", "withdrawn"),
    ]
    assert harness.history() == [(RECORDED, 1)]


def test_what_was_inferred_wrongly_is_reversed_when_the_offer_comes_back() -> None:
    harness = started(an_offer(count=0, limit=1), OTHER)
    harness.settle(offers(OTHER))

    harness.settle(offers(an_offer(count=0, limit=1), OTHER))

    assert harness.history() == [(RECORDED, 1), (REVERSED, 1)]


def test_limit_and_end_that_cannot_be_read_are_as_they_were() -> None:
    harness = started(an_offer(count=1, limit=1, ends=NOON + DAY), OTHER)

    harness.poll(offers(an_offer(count=1), OTHER))
    harness.settle(offers(OTHER))

    assert harness.notices() == [(ENDED, "1281", "used_up")]


def test_the_next_end_is_that_of_the_offer_that_ends_first() -> None:
    harness = started(an_offer("1", ends=NOON + 3 * DAY), an_offer("2", ends=NOON + DAY), OTHER)
    assert harness.watch.expires_at == NOON + DAY

    harness.poll(offers(an_offer("1", ends=NOON + 3 * DAY), OTHER), after=2 * DAY)
    assert harness.watch.expires_at == NOON + 3 * DAY
    harness.settle(offers(OTHER))

    assert harness.watch.expires_at is None


def many(first: int, last: int) -> list[OfferSnapshot]:
    return [an_offer(f"many-{number}", limit=9) for number in range(first, last)]


def test_more_offers_than_can_be_remembered_do_not_come_anew_with_each_poll() -> None:
    everything, most = many(0, KNOWN_MAX + 20), many(5, KNOWN_MAX + 20)
    harness = started(*everything)

    changes = harness.poll(offers(*everything, OTHER))
    assert changes is not None
    assert changes.anomalies == 21
    harness.poll(offers(*most, is_complete=False))
    assert all(harness.poll(offers(*most, is_complete=False)) is None for _ in range(5))

    assert harness.notices() == []
    assert len(harness.watch.offers) == KNOWN_MAX


def test_an_offer_that_was_forgotten_gives_no_number_twice_and_no_redemption_again() -> None:
    harness = started(an_offer(count=0, limit=9, starts=NOON))
    harness.poll(offers(an_offer(count=2, limit=9, starts=NOON)))
    harness.settle(offers())
    for first in range(0, 2 * KNOWN_MAX, 50):
        harness.settle(offers(*many(first, first + 50)))
    harness.settle(offers())
    assert "1281" not in {one.offer_id for one in harness.watch.offers}

    harness.poll(offers(an_offer(count=2, limit=9, starts=NOON)))
    harness.poll(offers(an_offer(count=3, limit=9, starts=NOON)))

    assert count_of(harness.history()) == {RECORDED: 3}
    assert len(harness.redemptions()) == 3


def test_offers_that_ended_long_ago_are_forgotten_first() -> None:
    harness = started()
    for number in range(0, KNOWN_MAX + 60, 20):
        harness.settle(offers(*many(number, number + 20)))

    names = {one.offer_id for one in harness.watch.offers}

    assert len(names) == KNOWN_MAX
    assert {f"many-{number}" for number in range(60, KNOWN_MAX + 60)} == names


def test_many_that_come_at_once_are_announced_in_several_polls() -> None:
    harness = started()

    harness.settle(offers(*many(0, 150)))
    harness.settle(offers())

    assert harness.notices().count((AVAILABLE, "many-149", None)) == 1
    assert len(harness.notices()) == 300


def test_a_count_that_cannot_be_read_hides_neither_falls_nor_absences_of_others() -> None:
    harness = started(an_offer("a", 1), an_offer("b", 0), an_offer("c", 0))
    harness.poll(offers(an_offer("a", 1), an_offer("b", 2), an_offer("c", 0)))

    harness.settle(offers(an_offer("a", None), an_offer("b", 1)))

    assert harness.history()[2:] == [(LastEvent.REVERSED, 2)]
    assert harness.notices() == [("offer_ended", "c", "withdrawn")]
    harness.poll(offers(an_offer("a", 2), an_offer("b", 1)))
    assert harness.history()[3:] == [(LastEvent.RECORDED, 1)]
