"""Uniqodo names each redemption: each is told once, each change once, and nothing is guessed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.polling.compare_uniqodo import CLOCKS_APART
from couponbus.domain.polling.recorded_redemption import LastEvent, RedemptionState
from couponbus.domain.polling.redemption import Redemption, StatedTime
from couponbus.domain.polling.snapshot import UNCLEAR, Snapshot
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import Desk, a_use, a_watch, looked_at, uses

SINCE = NOON + timedelta(seconds=20)
RECORDED, UPDATED, REVERSED = LastEvent.RECORDED, LastEvent.UPDATED, LastEvent.REVERSED


def started(*shown: Redemption) -> Desk:
    return looked_at(a_watch(Provider.UNIQODO), uses(*shown))


def unknown_time(number: int) -> Redemption:
    return replace(a_use(number), redeemed_at=StatedTime(raw="in spring"))


def test_the_first_look_counts_only_what_says_that_it_happened_since() -> None:
    desk = started(
        a_use(1),
        a_use(2, at=NOON - CLOCKS_APART),
        a_use(3, at=SINCE),
        a_use(4, at=NOON - CLOCKS_APART - timedelta(seconds=1)),
        unknown_time(5),
    )

    assert desk.history() == [(RECORDED, "2"), (RECORDED, "3")]
    states = {row.native_id: row.state for row in desk.redemptions()}
    assert {states[name] for name in ("1", "4", "5")} == {RedemptionState.BEFORE}


@pytest.mark.parametrize(
    "late",
    [a_use(2, at=SINCE), a_use(2, at=NOON - timedelta(days=9)), unknown_time(2)],
    ids=["of the same second", "of an earlier time", "of no time"],
)
def test_whatever_appears_later_is_recorded_whenever_it_happened(late: Redemption) -> None:
    desk = started(a_use(1, at=SINCE))

    desk.poll(uses(a_use(1, at=SINCE), late))
    desk.poll(uses(late, a_use(1, at=SINCE)))

    assert desk.history() == [(RECORDED, "1"), (RECORDED, "2")]


def test_an_event_tells_between_which_looks_it_was_seen_and_what_it_was_worth() -> None:
    desk = started(a_use(1))
    first_look = desk.now

    desk.poll(uses(a_use(1), a_use(2, value="7.50", at=SINCE)))

    row = next(row for row in desk.redemptions() if row.native_id == "2")
    assert (row.seen_after, row.seen_at) == (first_look, desk.now)
    assert (row.value.order_value, row.value.discount_value) == ("7.50", "1.50")
    assert (row.value.redeemed_at, row.value.redeemed_raw) == (SINCE, SINCE.isoformat())
    assert row.code_masked == "********0002"
    assert (row.promotion, row.signup_id) == ("summer", desk.watch.signup_id)


def test_each_change_is_told_once_also_the_way_back() -> None:
    desk = started()

    for value in ("10.00", "8.00", "8.00", "10.00", "10.0"):
        desk.poll(uses(a_use(1, value=value)))

    assert desk.history() == [(RECORDED, "1"), (UPDATED, "1"), (UPDATED, "1")]
    assert desk.redemptions()[0].value.order_value == "10.00"


def test_what_was_there_before_stays_nobodys_news() -> None:
    desk = started(a_use(1))

    desk.poll(uses(a_use(1, value="8.00")))
    desk.settle(uses())
    desk.settle(uses(a_use(1, value="8.00")))

    assert desk.history() == []


def test_one_has_gone_when_two_complete_looks_lack_it() -> None:
    desk = started()
    desk.poll(uses(a_use(1)))

    desk.look(uses())
    assert (desk.watch.digest, desk.history()) == ("", [(RECORDED, "1")])
    desk.look(uses())

    assert desk.history() == [(RECORDED, "1"), (REVERSED, "1")]
    assert desk.watch.digest == uses().digest


@pytest.mark.parametrize(
    "bad", [uses(is_complete=False), uses(is_doubtful=True)], ids=["incomplete", "doubtful"]
)
def test_a_bad_look_says_nothing_of_what_it_lacks_and_the_next_one_is_compared(
    bad: Snapshot,
) -> None:
    desk = started()
    desk.poll(uses(a_use(1)))

    desk.poll(bad)
    assert desk.watch.digest == UNCLEAR
    assert all(desk.poll(bad) is None for _ in range(9))
    assert desk.history() == [(RECORDED, "1")]

    desk.settle(uses())
    assert desk.history() == [(RECORDED, "1"), (REVERSED, "1")]


def test_a_bad_look_between_two_good_ones_neither_counts_nor_starts_again() -> None:
    desk = started()
    desk.poll(uses(a_use(1)))

    desk.look(uses())
    desk.look(uses(is_complete=False))
    assert desk.history() == [(RECORDED, "1")]
    desk.look(uses())

    assert desk.history() == [(RECORDED, "1"), (REVERSED, "1")]


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
    desk = started()
    desk.poll(uses(a_use(1)))

    for _ in range(3):
        desk.look(uses())
        desk.look(seen)

    assert desk.history() == [(RECORDED, "1")]


def test_a_changed_value_in_a_doubtful_look_is_believed_when_it_is_clear() -> None:
    desk = started()
    desk.poll(uses(a_use(1)))
    blurred = uses(a_use(1, value=None), is_doubtful=True)

    desk.poll(blurred)
    assert desk.poll(blurred) is None
    assert desk.history() == [(RECORDED, "1")]
    desk.poll(uses(a_use(1, value="8.00")))

    assert desk.history() == [(RECORDED, "1"), (UPDATED, "1")]


def test_a_new_one_in_a_doubtful_look_is_recorded_at_once() -> None:
    desk = started()

    desk.poll(uses(a_use(1, value=None), is_doubtful=True))
    desk.poll(uses(a_use(1, value="10.00")))

    assert desk.history() == [(RECORDED, "1"), (UPDATED, "1")]


def test_one_that_comes_back_is_told_as_it_stands_then() -> None:
    desk = started()
    desk.poll(uses(a_use(1)))
    desk.settle(uses())

    desk.poll(uses(a_use(1)))
    desk.settle(uses())

    assert [told for told, _ in desk.history()] == [RECORDED, REVERSED, UPDATED, REVERSED]


def test_one_that_comes_back_before_its_end_was_published_is_told_when_it_was() -> None:
    desk = started()
    desk.poll(uses(a_use(1)))
    desk.is_bus_down = True
    desk.settle(uses())

    desk.look(uses(a_use(1)))
    assert desk.watch.digest == ""
    desk.publish()
    desk.look(uses(a_use(1)))

    assert [told for told, _ in desk.history()] == [RECORDED, REVERSED, UPDATED]


def test_one_whose_event_is_not_out_cannot_be_reversed_yet() -> None:
    desk = started()
    desk.is_bus_down = True
    desk.poll(uses(a_use(1)))

    for _ in range(3):
        desk.look(uses())
    assert (desk.history(), desk.watch.digest) == ([(RECORDED, "1")], "")
    desk.publish()
    desk.look(uses())

    assert desk.history() == [(RECORDED, "1"), (REVERSED, "1")]


def test_an_id_that_was_given_to_another_code_is_an_anomaly_and_no_change() -> None:
    desk = started()
    desk.poll(uses(a_use(1)))
    reused = uses(a_use(1, value="99.00", code="ANOTHERCODE"))

    changes = desk.poll(reused)

    assert changes is not None
    assert changes.anomalies == 1
    assert desk.poll(reused) is None
    assert desk.poll(uses(a_use(1))) is not None
    assert desk.history() == [(RECORDED, "1")]
    assert desk.redemptions()[0].value.order_value == "10.00"


def test_another_code_alone_is_noticed_too() -> None:
    desk = started()
    desk.poll(uses(a_use(1)))

    changes = desk.poll(uses(a_use(1, code="ANOTHERCODE")))

    assert changes is not None
    assert changes.anomalies == 1


def test_a_row_whose_event_is_not_out_waits_for_its_next_one() -> None:
    desk = started()
    desk.is_bus_down = True

    for value in ("10.00", "8.00", "6.00"):
        desk.look(uses(a_use(1, value=value)))
    assert desk.history() == [(RECORDED, "1")]
    desk.is_bus_down = False
    desk.publish()
    desk.settle(uses(a_use(1, value="6.00")))

    assert desk.history() == [(RECORDED, "1"), (UPDATED, "1")]
    assert desk.redemptions()[0].value.order_value == "6.00"


def test_a_code_that_comes_after_the_first_look_is_told() -> None:
    desk = started()
    ends = NOON + timedelta(days=30)

    desk.poll(replace(uses(), offer_id="4883", code_ends=ends))
    desk.poll(replace(uses(), offer_id="4883", code_ends=ends + timedelta(days=1)))

    assert desk.notices() == [("offer_available", "4883", None)]
    assert desk.watch.expires_at == ends + timedelta(days=1)


def test_what_a_look_does_not_say_of_the_code_is_as_it_was() -> None:
    desk = started()
    ends = NOON + timedelta(days=30)
    desk.poll(replace(uses(), offer_id="4883", code_ends=ends))

    desk.poll(uses(a_use(1)))

    assert (desk.watch.offer_id, desk.watch.expires_at) == ("4883", ends)
