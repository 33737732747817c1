"""How long the result of work is waited for that cannot be interrupted."""

import threading

import pytest

from couponbus.providers.http.kept_threads import result_within

PLENTY = 9.0


def test_the_result_is_that_of_the_work() -> None:
    assert result_within(PLENTY, lambda: [1]) == [1]


def test_what_fails_fails_for_its_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        result_within(PLENTY, lambda: 1 / 0)


def test_work_that_hangs_is_left_behind_and_delays_no_other() -> None:
    end = threading.Event()
    result_within(PLENTY, lambda: "its thread is idle now")
    try:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                result_within(0.05, lambda: end.wait(PLENTY))
        assert result_within(PLENTY, lambda: "another") == "another"
    finally:
        end.set()


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_no_time_is_no_result(seconds: float) -> None:
    end = threading.Event()
    try:
        with pytest.raises(TimeoutError):
            result_within(seconds, lambda: end.wait(PLENTY))
    finally:
        end.set()
