"""The time of a call, and what becomes of its connections when it is over."""

import socket
import time

import pytest

from couponbus.providers.http.deadline import (
    CallInProgress,
    DeadlinePassed,
    LimitedReader,
    Phase,
    call_in_progress,
)


def test_nothing_may_be_sent_after_the_time() -> None:
    with CallInProgress(seconds=0.0) as call, pytest.raises(DeadlinePassed):
        call.mark_sent()

    assert call.phase is Phase.NOT_SENT


def test_what_is_being_sent_goes_on() -> None:
    with CallInProgress(seconds=0.2) as call:
        call.mark_sent()
        time.sleep(0.3)
        call.mark_sent()

    assert call.may_be_sent


def test_a_wait_ends_with_the_time() -> None:
    near, far = socket.socketpair()
    with near, far, CallInProgress(seconds=0.1) as call, limited(near) as reader:
        with pytest.raises(TimeoutError):
            reader.read(1)

        assert call.left <= 0


def test_no_number_of_bytes_prolongs_the_time() -> None:
    near, far = socket.socketpair()
    with near, far, CallInProgress(seconds=0.2) as call, limited(near) as reader:
        with pytest.raises(TimeoutError):
            for _ in range(100):
                far.send(b"x")
                assert reader.read(9) == b"x"
                time.sleep(0.02)

        assert call.left <= 0


def test_nothing_is_awaited_after_the_time_even_if_it_is_there() -> None:
    near, far = socket.socketpair()
    with near, far, CallInProgress(seconds=0.0) as call, limited(near) as reader:
        far.send(b"x")

        with pytest.raises(TimeoutError):
            reader.read(1)
        with pytest.raises(TimeoutError):
            call.limit(near)


def test_a_wait_may_be_shorter_than_the_call() -> None:
    near, far = socket.socketpair()
    with near, far, CallInProgress(seconds=9) as call:
        call.limit(near, most=0.1)
        assert near.gettimeout() == 0.1
        call.limit(near, most=99)
        assert 0.1 < (near.gettimeout() or 0) <= 9


def test_a_connection_that_does_not_wait_goes_on_so() -> None:
    near, far = socket.socketpair()
    with near, far, CallInProgress(seconds=9), limited(near) as reader:
        near.settimeout(0)

        assert reader.read(1) is None
        assert near.gettimeout() == 0


def test_calls_do_not_see_each_other() -> None:
    with CallInProgress(seconds=9) as outer:
        with CallInProgress(seconds=9) as inner:
            assert call_in_progress() is inner
        assert call_in_progress() is outer
    with pytest.raises(LookupError):
        call_in_progress()


def limited(connection: socket.socket) -> LimitedReader:
    return LimitedReader(connection.makefile("rb", buffering=0), connection=connection)
