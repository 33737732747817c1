"""Koupon only counts: each unit that comes or goes is told once, under a number of its own."""

from datetime import timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.polling.comparison import ROWS_TOGETHER
from couponbus.domain.polling.koupon_counts import LIVE_MAX
from couponbus.domain.polling.recorded_redemption import LastEvent
from couponbus.domain.polling.snapshot import UNCLEAR
from couponbus.domain.polling.watch import Watch
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import Desk, a_watch, an_offer, count_of, looked_at, offers

RECORDED, REVERSED = LastEvent.RECORDED, LastEvent.REVERSED


def started(count: int | None = 0, *, watch: Watch | None = None) -> Desk:
    return looked_at(watch or a_watch(Provider.KOUPON), offers(an_offer(count=count)))


def test_the_first_observation_is_a_baseline() -> None:
    desk = started(2)

    assert desk.poll(offers(an_offer(count=2))) is None
    assert desk.history() == []


def test_a_count_that_jumps_by_two_is_two_redemptions() -> None:
    desk = started(1)
    first_look = desk.now

    desk.poll(offers(an_offer(count=3)))

    assert desk.history() == [(RECORDED, 1), (RECORDED, 2)]
    assert {(row.seen_after, row.seen_at) for row in desk.redemptions()} == {(first_look, desk.now)}
    assert {(row.offer_id, row.native_id, row.inferred) for row in desk.redemptions()} == {
        ("1281", None, False)
    }


def test_a_count_that_falls_is_believed_when_two_looks_show_it() -> None:
    desk = started()
    desk.poll(offers(an_offer(count=3)))

    desk.look(offers(an_offer(count=2)))
    assert (count_of(desk.history()), desk.watch.digest) == ({RECORDED: 3}, "")
    desk.look(offers(an_offer(count=2)))

    assert desk.history()[3:] == [(REVERSED, 3)]
    assert desk.watch.digest == offers(an_offer(count=2)).digest


def test_a_fall_that_is_over_in_the_next_look_was_none() -> None:
    desk = started()
    desk.poll(offers(an_offer(count=3)))

    for _ in range(3):
        desk.look(offers(an_offer(count=1)))
        desk.look(offers(an_offer(count=3)))

    assert count_of(desk.history()) == {RECORDED: 3}


def test_only_what_both_looks_lack_is_reversed() -> None:
    desk = started()
    desk.poll(offers(an_offer(count=3)))

    desk.look(offers(an_offer(count=2)))
    desk.look(offers(an_offer(count=0)))
    assert desk.history()[3:] == [(REVERSED, 3)]
    desk.look(offers(an_offer(count=1)))

    assert desk.history()[3:] == [(REVERSED, 3), (REVERSED, 2)]


def test_the_latest_are_reversed_first_and_numbers_are_never_given_again() -> None:
    desk = started()

    desk.poll(offers(an_offer(count=2)))
    desk.settle(offers(an_offer(count=1)))
    desk.poll(offers(an_offer(count=3)))
    desk.settle(offers(an_offer(count=0)))

    assert desk.history() == [
        *[(RECORDED, 1), (RECORDED, 2), (REVERSED, 2), (RECORDED, 3), (RECORDED, 4)],
        *[(REVERSED, 4), (REVERSED, 3), (REVERSED, 1)],
    ]


def test_below_the_baseline_what_was_never_recorded_is_reversed() -> None:
    desk = started(2)
    desk.poll(offers(an_offer(count=3)))

    desk.settle(offers(an_offer(count=0)))
    desk.poll(offers(an_offer(count=1)))

    told = [(row.last_event, row.was_recorded) for row in desk.redemptions()]
    assert told == [(REVERSED, True), (REVERSED, False), (REVERSED, False), (RECORDED, True)]
    numbers = [row.ordinal or 0 for row in desk.redemptions()]
    assert [number > 0 for number in numbers] == [True, False, False, True]
    assert len(set(map(abs, numbers))) == 4


def test_what_is_not_published_yet_cannot_be_reversed_yet() -> None:
    desk = started()
    desk.is_bus_down = True
    desk.poll(offers(an_offer(count=1)))

    for _ in range(3):
        desk.look(offers(an_offer(count=0)))
    assert desk.history() == [(RECORDED, 1)]
    desk.publish()
    desk.look(offers(an_offer(count=0)))

    assert desk.history() == [(RECORDED, 1), (REVERSED, 1)]


def test_a_fall_in_a_doubtful_look_waits_for_a_clear_one() -> None:
    desk = started()
    desk.poll(offers(an_offer(count=2)))
    doubtful = offers(an_offer(count=1), is_doubtful=True)

    desk.poll(doubtful)
    assert desk.watch.digest == UNCLEAR
    assert all(desk.poll(doubtful) is None for _ in range(9))
    desk.settle(offers(an_offer(count=1)))

    assert desk.history() == [(RECORDED, 1), (RECORDED, 2), (REVERSED, 2)]


def test_a_rise_in_a_doubtful_look_is_believed() -> None:
    desk = started()

    desk.poll(offers(an_offer(count=1), is_doubtful=True))

    assert desk.history() == [(RECORDED, 1)]


def test_a_count_that_cannot_be_read_says_nothing() -> None:
    desk = started(1)

    desk.poll(offers(an_offer(count=None), is_doubtful=True))
    desk.poll(offers(an_offer(count=2)))

    assert desk.history() == [(RECORDED, 1)]


def test_a_first_count_that_cannot_be_read_is_a_baseline_when_it_can() -> None:
    desk = started(None)

    desk.poll(offers(an_offer(count=2)))
    assert desk.history() == []
    desk.poll(offers(an_offer(count=3)))

    assert desk.history() == [(RECORDED, 1)]


@pytest.mark.parametrize("count", [ROWS_TOGETHER, 2 * ROWS_TOGETHER + 7])
def test_more_than_fit_together_are_settled_in_several_looks(count: int) -> None:
    desk = started()
    first_look = desk.now

    desk.settle(offers(an_offer(count=count)))

    assert desk.history() == [(RECORDED, ordinal) for ordinal in range(1, count + 1)]
    assert {row.seen_after for row in desk.redemptions()} == {first_look}
    assert desk.watch.recorded == count


def test_of_very_many_the_oldest_are_forgotten_one_by_one_but_not_their_number() -> None:
    desk = started(2)
    desk.settle(offers(an_offer(count=2 + LIVE_MAX + 30)))
    assert len(desk.watch.offers[0].active) == LIVE_MAX

    desk.settle(offers(an_offer(count=20)))
    desk.settle(offers(an_offer(count=2 + LIVE_MAX + 30)))
    desk.settle(offers(an_offer(count=0)))

    told = count_of(desk.history())
    assert told[REVERSED] - told[RECORDED] == 2
    numbers = [abs(row.ordinal or 0) for row in desk.redemptions()]
    assert len(set(numbers)) == len(numbers)


def test_a_later_round_has_redemptions_of_its_own() -> None:
    desk = started()
    desk.poll(offers(an_offer(count=1)))
    again = replace(desk.watch, round=2, offers=(), state=desk.watch.state.STARTING, digest="")

    desk.watch = again
    desk.look(offers(an_offer(count=1)))
    desk.poll(offers(an_offer(count=2)))

    assert desk.history() == [(RECORDED, 1), (RECORDED, 1)]
    assert len(desk.redemptions()) == 2
    assert desk.now > NOON + timedelta(hours=2)
