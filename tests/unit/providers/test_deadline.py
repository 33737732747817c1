"""The time of a call, and what is done to its connections when it is over."""

import socket
import time

import pytest

from couponbus.providers.http.deadline import (
    CallInProgress,
    DeadlinePassed,
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
    with near, far, CallInProgress(seconds=0.2) as call:
        call.guard(near)
        call.guard(near)

        assert near.recv(1) == b""
        assert call.was_cut
        assert call.left <= 0


def test_a_connection_made_too_late_is_cut_at_once() -> None:
    near, far = socket.socketpair()
    with near, far, CallInProgress(seconds=0.0) as call:
        time.sleep(0.1)
        call.guard(near)

        assert near.recv(1) == b""


def test_a_connection_outlives_a_call_that_was_in_time() -> None:
    near, far = socket.socketpair()
    with near, far:
        with CallInProgress(seconds=0.1) as call:
            call.guard(near)
        time.sleep(0.2)
        far.sendall(b"x")

        assert near.recv(1) == b"x"
    assert not call.was_cut


def test_a_connection_that_is_gone_already_does_not_matter() -> None:
    gone = socket.socket()
    with gone, CallInProgress(seconds=0.0) as call:
        time.sleep(0.1)
        call.guard(gone)

    assert call.was_cut


def test_calls_do_not_see_each_other() -> None:
    with CallInProgress(seconds=9) as outer:
        with CallInProgress(seconds=9) as inner:
            assert call_in_progress() is inner
        assert call_in_progress() is outer
    with pytest.raises(LookupError):
        call_in_progress()
