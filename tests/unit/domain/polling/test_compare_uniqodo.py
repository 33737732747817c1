"""Uniqodo names redemptions: each is published once, each change once, and nothing is guessed."""

import dataclasses
from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.polling.compare_uniqodo import CLOCKS_APART
from couponbus.domain.polling.recorded_redemption import LastEvent, RedemptionState
from couponbus.domain.polling.redemption import Redemption, StatedTime
from couponbus.domain.polling.snapshot import UNCLEAR, Snapshot
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import WatchHarness, a_use, a_watch, polled_once, uses

SINCE = NOON + timedelta(seconds=20)
RECORDED, UPDATED, REVERSED = LastEvent.RECORDED, LastEvent.UPDATED, LastEvent.REVERSED


def started(*shown: Redemption) -> WatchHarness:
    return polled_once(a_watch(Provider.UNIQODO), uses(*shown))


def unknown_time(number: int) -> Redemption:
    return replace(a_use(number), redeemed_at=StatedTime(raw="in spring"))


def test_the_first_poll_counts_only_what_says_that_it_happened_since() -> None:
    harness = started(
        a_use(1),
        a_use(2, at=NOON - CLOCKS_APART),
        a_use(3, at=SINCE),
        a_use(4, at=NOON - CLOCKS_APART - timedelta(seconds=1)),
        unknown_time(5),
    )

    assert harness.history() == [(RECORDED, "2"), (RECORDED, "3")]
    states = {row.native_id: row.state for row in harness.redemptions()}
    assert {states[name] for name in ("1", "4", "5")} == {RedemptionState.BEFORE}


@pytest.mark.parametrize(
    "late",
    [a_use(2, at=SINCE), a_use(2, at=NOON - timedelta(days=9)), unknown_time(2)],
    ids=["of the same second", "of an earlier time", "of no time"],
)
def test_whatever_appears_later_is_recorded_whenever_it_happened(late: Redemption) -> None:
    harness = started(a_use(1, at=SINCE))

    harness.poll(uses(a_use(1, at=SINCE), late))
    harness.poll(uses(late, a_use(1, at=SINCE)))

    assert harness.history() == [(RECORDED, "1"), (RECORDED, "2")]


def test_an_event_says_between_which_polls_it_was_seen_and_what_it_was_worth() -> None:
    harness = started(a_use(1))
    first_poll_at = harness.now

    harness.poll(uses(a_use(1), a_use(2, value="7.50", at=SINCE)))

    row = next(row for row in harness.redemptions() if row.native_id == "2")
    assert (row.seen_after, row.seen_at) == (first_poll_at, harness.now)
    assert (row.value.order_value, row.value.discount_value) == ("7.50", "1.50")
    assert (row.value.redeemed_at, row.value.redeemed_raw) == (SINCE, SINCE.isoformat())
    assert row.code_masked == "********0002"
    assert (row.promotion, row.signup_id) == ("summer", harness.watch.signup_id)


def test_each_change_is_published_once_also_the_way_back() -> None:
    harness = started()

    for value in ("10.00", "8.00", "8.00", "10.00", "10.0"):
        harness.poll(uses(a_use(1, value=value)))

    assert harness.history() == [(RECORDED, "1"), (UPDATED, "1"), (UPDATED, "1")]
    assert harness.redemptions()[0].value.order_value == "10.00"


def test_what_was_there_before_stays_nobodys_news() -> None:
    harness = started(a_use(1))

    harness.poll(uses(a_use(1, value="8.00")))
    harness.settle(uses())
    harness.settle(uses(a_use(1, value="8.00")))

    assert harness.history() == []


def test_one_has_gone_when_two_complete_polls_lack_it() -> None:
    harness = started()
    harness.poll(uses(a_use(1)))

    harness.record(uses())
    assert (harness.watch.digest, harness.history()) == ("", [(RECORDED, "1")])
    harness.record(uses())

    assert harness.history() == [(RECORDED, "1"), (REVERSED, "1")]
    assert harness.watch.digest == uses().digest


@pytest.mark.parametrize(
    "bad", [uses(is_complete=False), uses(is_doubtful=True)], ids=["incomplete", "doubtful"]
)
def test_a_bad_poll_says_nothing_of_what_it_lacks_and_the_next_one_is_compared(
    bad: Snapshot,
) -> None:
    harness = started()
    harness.poll(uses(a_use(1)))

    harness.poll(bad)
    assert harness.watch.digest == UNCLEAR
    assert all(harness.poll(bad) is None for _ in range(9))
    assert harness.history() == [(RECORDED, "1")]

    harness.settle(uses())
    assert harness.history() == [(RECORDED, "1"), (REVERSED, "1")]


def test_a_bad_poll_between_two_good_ones_neither_counts_nor_starts_again() -> None:
    harness = started()
    harness.poll(uses(a_use(1)))

    harness.record(uses())
    harness.record(uses(is_complete=False))
    assert harness.history() == [(RECORDED, "1")]
    harness.record(uses())

    assert harness.history() == [(RECORDED, "1"), (REVERSED, "1")]


@pytest.mark.parametrize(
    "seen",
    [
        uses(a_use(1)),
        uses(a_use(1), is_doubtful=True),
        uses(a_use(1, value=None), is_doubtful=True),
        uses(a_use(1), is_complete=False),
    ],
)
def test_one_that_was_missed_only_once_has_not_gone(seen: Snapshot) -> None:
    harness = started()
    harness.poll(uses(a_use(1)))

    for _ in range(3):
        harness.record(uses())
        harness.record(seen)

    assert harness.history() == [(RECORDED, "1")]


def test_a_changed_value_in_a_doubtful_poll_is_believed_when_it_is_clear() -> None:
    harness = started()
    harness.poll(uses(a_use(1)))
    blurred = uses(a_use(1, value=None), is_doubtful=True)

    harness.poll(blurred)
    assert harness.poll(blurred) is None
    assert harness.history() == [(RECORDED, "1")]
    harness.poll(uses(a_use(1, value="8.00")))

    assert harness.history() == [(RECORDED, "1"), (UPDATED, "1")]


def test_a_new_one_in_a_doubtful_poll_is_recorded_at_once() -> None:
    harness = started()

    harness.poll(uses(a_use(1, value=None), is_doubtful=True))
    harness.poll(uses(a_use(1, value="10.00")))

    assert harness.history() == [(RECORDED, "1"), (UPDATED, "1")]


def test_one_that_comes_back_is_published_as_it_stands_then() -> None:
    harness = started()
    harness.poll(uses(a_use(1)))
    harness.settle(uses())

    harness.poll(uses(a_use(1)))
    harness.settle(uses())

    assert [published for published, _ in harness.history()] == [
        RECORDED,
        REVERSED,
        UPDATED,
        REVERSED,
    ]


def test_one_that_comes_back_before_its_end_was_published_is_published_when_it_was() -> None:
    harness = started()
    harness.poll(uses(a_use(1)))
    harness.is_bus_down = True
    harness.settle(uses())

    harness.record(uses(a_use(1)))
    assert harness.watch.digest == ""
    harness.publish()
    harness.record(uses(a_use(1)))

    assert [published for published, _ in harness.history()] == [RECORDED, REVERSED, UPDATED]


def test_one_whose_event_is_not_out_cannot_be_reversed_yet() -> None:
    harness = started()
    harness.is_bus_down = True
    harness.poll(uses(a_use(1)))

    for _ in range(3):
        harness.record(uses())
    assert (harness.history(), harness.watch.digest) == ([(RECORDED, "1")], "")
    harness.publish()
    harness.record(uses())

    assert harness.history() == [(RECORDED, "1"), (REVERSED, "1")]


def test_an_id_that_was_given_to_another_code_is_an_anomaly_and_no_change() -> None:
    harness = started()
    harness.poll(uses(a_use(1)))
    reused = uses(a_use(1, value="99.00", code="ANOTHERCODE"))

    changes = harness.poll(reused)

    assert changes is not None
    assert changes.anomalies == 1
    assert harness.poll(reused) is None
    assert harness.poll(uses(a_use(1))) is not None
    assert harness.history() == [(RECORDED, "1")]
    assert harness.redemptions()[0].value.order_value == "10.00"


def test_an_order_that_comes_later_is_an_update_of_the_same_redemption() -> None:
    harness = started()
    harness.poll(uses(dataclasses.replace(a_use(1), order_id=None)))

    harness.poll(uses(a_use(1)))

    assert harness.history() == [(RECORDED, "1"), (UPDATED, "1")]


def test_a_row_of_an_earlier_version_is_not_updated_without_news() -> None:
    harness = started()
    harness.poll(uses(a_use(1)))
    [row] = harness.redemptions()
    harness.rows[row.key] = replace(row, identity="OLD", content="OLD")
    known = tuple(dataclasses.replace(one, content="OLD") for one in harness.watch.uses)
    harness.watch = replace(harness.watch, uses=known, digest="OLD")

    harness.poll(uses(a_use(1)))

    assert harness.history() == [(RECORDED, "1")]
    assert harness.watch.digest == uses(a_use(1)).digest


def test_another_code_alone_is_noticed_too() -> None:
    harness = started()
    harness.poll(uses(a_use(1)))

    changes = harness.poll(uses(a_use(1, code="ANOTHERCODE")))

    assert changes is not None
    assert changes.anomalies == 1


def test_a_row_whose_event_is_not_out_waits_for_its_next_one() -> None:
    harness = started()
    harness.is_bus_down = True

    for value in ("10.00", "8.00", "6.00"):
        harness.record(uses(a_use(1, value=value)))
    assert harness.history() == [(RECORDED, "1")]
    harness.is_bus_down = False
    harness.publish()
    harness.settle(uses(a_use(1, value="6.00")))

    assert harness.history() == [(RECORDED, "1"), (UPDATED, "1")]
    assert harness.redemptions()[0].value.order_value == "6.00"


def test_a_code_that_comes_after_the_first_poll_is_published() -> None:
    harness = started()
    ends = NOON + timedelta(days=30)

    harness.poll(replace(uses(), offer_id="4883", code_ends=ends))
    harness.poll(replace(uses(), offer_id="4883", code_ends=ends + timedelta(days=1)))

    assert harness.notices() == [("offer_available", "4883", None)]
    assert harness.watch.expires_at == ends + timedelta(days=1)


def test_what_a_poll_does_not_say_of_the_code_is_as_it_was() -> None:
    harness = started()
    ends = NOON + timedelta(days=30)
    harness.poll(replace(uses(), offer_id="4883", code_ends=ends))

    harness.poll(uses(a_use(1)))

    assert (harness.watch.offer_id, harness.watch.expires_at) == ("4883", ends)
