"""One transaction takes a hundred rows and a watch remembers 200 uses: more are not lost."""

from datetime import timedelta

import pytest

from couponbus.domain.polling.compare_uniqodo import KNOWN_MAX
from couponbus.domain.polling.comparison import ROWS_TOGETHER
from couponbus.domain.polling.recorded_redemption import LastEvent
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import (
    WatchHarness,
    a_use,
    a_watch,
    count_of,
    polled_once,
    uses,
)

SINCE = NOON + timedelta(seconds=20)


@pytest.mark.parametrize("count", [ROWS_TOGETHER, ROWS_TOGETHER + 1, 2 * ROWS_TOGETHER + 7])
def test_more_than_fit_together_are_settled_in_several_polls(count: int) -> None:
    harness = polled_once(a_watch(Provider.UNIQODO), uses())
    shown = uses(*(a_use(number) for number in range(count)))

    harness.settle(shown)

    assert count_of(harness.history()) == {LastEvent.RECORDED: count}
    assert len({name for _, name in harness.history()}) == count
    assert harness.watch.recorded == count
    assert harness.poll(shown) is None


def test_more_than_fit_together_at_the_first_poll_are_still_from_before() -> None:
    harness, count = WatchHarness(watch=a_watch(Provider.UNIQODO)), 2 * ROWS_TOGETHER + 7
    shown = uses(*(a_use(number) for number in range(count)), a_use(count, at=SINCE))

    looks = 0
    while harness.watch.state is WatchState.STARTING:
        harness.record(shown)
        looks += 1

    assert looks == 3
    assert harness.history() == [(LastEvent.RECORDED, str(count))]
    assert harness.watch.recorded == 1


def test_what_had_to_wait_is_not_said_to_have_come_after_the_poll_that_showed_it() -> None:
    harness = polled_once(a_watch(Provider.UNIQODO), uses())
    first_poll_at = harness.now

    harness.settle(uses(*(a_use(number) for number in range(ROWS_TOGETHER + 1))))

    assert {row.seen_after for row in harness.redemptions()} == {first_poll_at}


def test_of_too_many_the_ledger_remembers_what_the_watch_does_not() -> None:
    harness, count = polled_once(a_watch(Provider.UNIQODO), uses()), KNOWN_MAX + 30
    everything = [a_use(number) for number in range(count)]
    harness.settle(uses(*everything))
    assert len(harness.watch.uses) == KNOWN_MAX

    for _ in range(3):
        assert harness.poll(uses(*reversed(everything))) is None
    harness.poll(uses(*everything, a_use(count)))
    harness.poll(uses(*everything[:-1], a_use(count - 1, value="1.00"), a_use(count)))

    assert count_of(harness.history()) == {LastEvent.RECORDED: count + 1, LastEvent.UPDATED: 1}
    assert len(harness.watch.uses) == KNOWN_MAX
