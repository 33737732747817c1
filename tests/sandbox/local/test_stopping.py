"""An interrupt ends a block once, although code within may drop it."""

import contextlib
import signal
import time
from collections.abc import Callable

import pytest

from couponbus_sandbox.local.stopping import stoppable

LONG_ENOUGH = 20.0


def interrupt() -> None:
    signal.raise_signal(signal.SIGTERM)


def wait_for_ever() -> None:
    deadline = time.monotonic() + LONG_ENOUGH
    while time.monotonic() < deadline:
        time.sleep(0.01)


def dropped() -> None:
    """Do what an extension module does that ignores an exception."""
    with contextlib.suppress(KeyboardInterrupt):
        interrupt()
    wait_for_ever()


def replaced() -> None:
    try:
        interrupt()
    except KeyboardInterrupt as interrupted:
        raise ValueError("no schema") from interrupted


@pytest.mark.parametrize("work", [interrupt, dropped, replaced])
def test_a_signal_ends_the_block_whatever_becomes_of_its_exception(
    work: Callable[[], None],
) -> None:
    with pytest.raises(KeyboardInterrupt), stoppable():
        work()


def test_cleaning_up_goes_on_to_its_end() -> None:
    done = []

    def clean_up() -> None:
        interrupt()
        with contextlib.suppress(ValueError):
            raise ValueError
        time.sleep(1.5)
        done.append("cleaned up")

    with pytest.raises(KeyboardInterrupt), stoppable():
        try:
            interrupt()
        finally:
            clean_up()

    assert done == ["cleaned up"]


def test_an_error_without_a_signal_is_raised_as_it_is() -> None:
    with pytest.raises(ValueError, match="other"), stoppable():
        raise ValueError("other")


def test_afterwards_the_handlers_are_those_of_before() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)]

    with stoppable():
        pass

    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)] == before
