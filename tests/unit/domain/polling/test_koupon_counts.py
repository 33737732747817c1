"""Koupon only counts: each unit gained or lost is published once, under its own ordinal."""

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
from tests.unit.domain.polling.snapshots import (
    WatchHarness,
    a_watch,
    an_offer,
    count_of,
    offers,
    polled_once,
)

RECORDED, REVERSED = LastEvent.RECORDED, LastEvent.REVERSED


def started(count: int | None = 0, *, watch: Watch | None = None) -> WatchHarness:
    return polled_once(watch or a_watch(Provider.KOUPON), offers(an_offer(count=count)))


def test_the_first_observation_is_a_baseline() -> None:
    harness = started(2)

    assert harness.poll(offers(an_offer(count=2))) is None
    assert harness.history() == []


def test_a_count_that_jumps_by_two_is_two_redemptions() -> None:
    harness = started(1)
    first_poll_at = harness.now

    harness.poll(offers(an_offer(count=3)))

    assert harness.history() == [(RECORDED, 1), (RECORDED, 2)]
    assert {(row.seen_after, row.seen_at) for row in harness.redemptions()} == {
        (first_poll_at, harness.now)
    }
    assert {(row.offer_id, row.native_id, row.inferred) for row in harness.redemptions()} == {
        ("1281", None, False)
    }


def test_a_count_that_falls_is_believed_when_two_polls_show_it() -> None:
    harness = started()
    harness.poll(offers(an_offer(count=3)))

    harness.record(offers(an_offer(count=2)))
    assert (count_of(harness.history()), harness.watch.digest) == ({RECORDED: 3}, "")
    harness.record(offers(an_offer(count=2)))

    assert harness.history()[3:] == [(REVERSED, 3)]
    assert harness.watch.digest == offers(an_offer(count=2)).digest


def test_a_fall_that_is_over_in_the_next_poll_was_none() -> None:
    harness = started()
    harness.poll(offers(an_offer(count=3)))

    for _ in range(3):
        harness.record(offers(an_offer(count=1)))
        harness.record(offers(an_offer(count=3)))

    assert count_of(harness.history()) == {RECORDED: 3}


def test_only_what_both_polls_lack_is_reversed() -> None:
    harness = started()
    harness.poll(offers(an_offer(count=3)))

    harness.record(offers(an_offer(count=2)))
    harness.record(offers(an_offer(count=0)))
    assert harness.history()[3:] == [(REVERSED, 3)]
    harness.record(offers(an_offer(count=1)))

    assert harness.history()[3:] == [(REVERSED, 3), (REVERSED, 2)]


def test_the_latest_are_reversed_first_and_numbers_are_never_given_again() -> None:
    harness = started()

    harness.poll(offers(an_offer(count=2)))
    harness.settle(offers(an_offer(count=1)))
    harness.poll(offers(an_offer(count=3)))
    harness.settle(offers(an_offer(count=0)))

    assert harness.history() == [
        *[(RECORDED, 1), (RECORDED, 2), (REVERSED, 2), (RECORDED, 3), (RECORDED, 4)],
        *[(REVERSED, 4), (REVERSED, 3), (REVERSED, 1)],
    ]


def test_below_the_baseline_what_was_never_recorded_is_reversed() -> None:
    harness = started(2)
    harness.poll(offers(an_offer(count=3)))

    harness.settle(offers(an_offer(count=0)))
    harness.poll(offers(an_offer(count=1)))

    published = [(row.last_event, row.was_recorded) for row in harness.redemptions()]
    assert published == [(REVERSED, True), (REVERSED, False), (REVERSED, False), (RECORDED, True)]
    numbers = [row.ordinal or 0 for row in harness.redemptions()]
    assert [number > 0 for number in numbers] == [True, False, False, True]
    assert len(set(map(abs, numbers))) == 4


def test_what_is_not_published_yet_cannot_be_reversed_yet() -> None:
    harness = started()
    harness.is_bus_down = True
    harness.poll(offers(an_offer(count=1)))

    for _ in range(3):
        harness.record(offers(an_offer(count=0)))
    assert harness.history() == [(RECORDED, 1)]
    harness.publish()
    harness.record(offers(an_offer(count=0)))

    assert harness.history() == [(RECORDED, 1), (REVERSED, 1)]


def test_a_fall_in_a_doubtful_poll_waits_for_a_clear_one() -> None:
    harness = started()
    harness.poll(offers(an_offer(count=2)))
    doubtful = offers(an_offer(count=1), is_doubtful=True)

    harness.poll(doubtful)
    assert harness.watch.digest == UNCLEAR
    assert all(harness.poll(doubtful) is None for _ in range(9))
    harness.settle(offers(an_offer(count=1)))

    assert harness.history() == [(RECORDED, 1), (RECORDED, 2), (REVERSED, 2)]


def test_a_rise_in_a_doubtful_poll_is_believed() -> None:
    harness = started()

    harness.poll(offers(an_offer(count=1), is_doubtful=True))

    assert harness.history() == [(RECORDED, 1)]


def test_a_count_that_cannot_be_read_says_nothing() -> None:
    harness = started(1)

    harness.poll(offers(an_offer(count=None), is_doubtful=True))
    harness.poll(offers(an_offer(count=2)))

    assert harness.history() == [(RECORDED, 1)]


def test_a_first_count_that_cannot_be_read_is_a_baseline_when_it_can() -> None:
    harness = started(None)

    harness.poll(offers(an_offer(count=2)))
    assert harness.history() == []
    harness.poll(offers(an_offer(count=3)))

    assert harness.history() == [(RECORDED, 1)]


@pytest.mark.parametrize("count", [ROWS_TOGETHER, 2 * ROWS_TOGETHER + 7])
def test_more_than_fit_together_are_settled_in_several_polls(count: int) -> None:
    harness = started()
    first_poll_at = harness.now

    harness.settle(offers(an_offer(count=count)))

    assert harness.history() == [(RECORDED, ordinal) for ordinal in range(1, count + 1)]
    assert {row.seen_after for row in harness.redemptions()} == {first_poll_at}
    assert harness.watch.recorded == count


def test_of_very_many_the_oldest_are_forgotten_one_by_one_but_not_their_number() -> None:
    harness = started(2)
    harness.settle(offers(an_offer(count=2 + LIVE_MAX + 30)))
    assert len(harness.watch.offers[0].active) == LIVE_MAX

    harness.settle(offers(an_offer(count=20)))
    harness.settle(offers(an_offer(count=2 + LIVE_MAX + 30)))
    harness.settle(offers(an_offer(count=0)))

    published = count_of(harness.history())
    assert published[REVERSED] - published[RECORDED] == 2
    numbers = [abs(row.ordinal or 0) for row in harness.redemptions()]
    assert len(set(numbers)) == len(numbers)


def test_a_later_round_has_redemptions_of_its_own() -> None:
    harness = started()
    harness.poll(offers(an_offer(count=1)))
    again = replace(
        harness.watch, round=2, offers=(), state=harness.watch.state.STARTING, digest=""
    )

    harness.watch = again
    harness.record(offers(an_offer(count=1)))
    harness.poll(offers(an_offer(count=2)))

    assert harness.history() == [(RECORDED, 1), (RECORDED, 1)]
    assert len(harness.redemptions()) == 2
    assert harness.now > NOON + timedelta(hours=2)
