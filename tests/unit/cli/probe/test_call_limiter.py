"""Each call waits for its slot, and the number of calls is limited."""

from datetime import timedelta

import pytest

from couponbus_cli.probe.call_limiter import CallLimiter, NoMoreCallsError
from tests.fakes.clock import NOON, ManualClock


def test_the_first_goes_at_once_and_the_others_wait_for_their_slot() -> None:
    clock = ManualClock()
    limiter = CallLimiter(clock=clock, calls_per_second=0.5)

    moments = []
    for _ in range(3):
        limiter.take()
        moments.append(limiter.now() - NOON)

    assert moments == [timedelta(seconds=each) for each in (0, 2, 4)]
    assert limiter.taken == 3


def test_time_that_passed_anyway_counts() -> None:
    clock = ManualClock()
    limiter = CallLimiter(clock=clock, calls_per_second=1)
    limiter.take()
    clock.sleep(5)

    limiter.take()

    assert limiter.now() == NOON + timedelta(seconds=5)


def test_a_repetition_takes_a_slot_and_slots_come_to_an_end() -> None:
    clock = ManualClock()
    limiter = CallLimiter(clock=clock, calls_per_second=1, most=2)
    limiter.take()

    limiter.sleep(0.2)

    assert limiter.now() == NOON + timedelta(seconds=1)
    with pytest.raises(NoMoreCallsError):
        limiter.sleep(0.2)
    assert limiter.taken == 2
