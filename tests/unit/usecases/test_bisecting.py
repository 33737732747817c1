"""A message that causes an unexpected error fails alone; a silent ledger fails the whole batch."""

from collections.abc import Sequence

import pytest

from couponbus.domain.errors import (
    BusUnavailable,
    ConfigurationInvalid,
    LedgerUnavailable,
    QueueUnavailable,
    RowsBroken,
    SecretUnavailable,
    Unavailable,
)
from couponbus.usecases.causes import UNSTORABLE, Failures, all_for
from couponbus.usecases.invocation import Invocation, Metric, bisect_batch, ids_of
from couponbus.usecases.messages import Message
from tests.fakes.clock import NOON

MESSAGES = [Message(message_id=f"m-{number}", body="") for number in range(7)]


class Work:
    """Raises this error for a batch with one of these ids; records the messages that it did."""

    def __init__(self, error: Exception, *bad: str) -> None:
        self._error = error
        self._bad = bad
        self.done: list[str] = []

    def __call__(self, messages: Sequence[Message]) -> Failures:
        ids = [message.message_id for message in messages]
        if set(ids) & set(self._bad):
            raise self._error
        self.done += ids
        return {}


@pytest.mark.parametrize(
    "error", [ZeroDivisionError(), RowsBroken(["A#1"]), ConfigurationInvalid("program x: wrong")]
)
def test_bad_messages_fail_alone_and_the_others_are_done_once(error: Exception) -> None:
    work, run = Work(error, "m-1", "m-5"), Invocation(deadline=NOON)

    failed = bisect_batch(MESSAGES, work, failed=ids_of, run=run)

    assert failed == dict.fromkeys(["m-1", "m-5"], type(error).__name__)
    assert work.done == ["m-0", "m-2", "m-3", "m-4", "m-6"]


def test_each_trouble_is_reported_as_what_it_is() -> None:
    bug, broken, wrong = (Invocation(deadline=NOON) for _ in range(3))

    bisect_batch(MESSAGES, Work(ZeroDivisionError(), "m-1"), failed=ids_of, run=bug)
    bisect_batch(MESSAGES, Work(RowsBroken(["A#1"]), "m-1"), failed=ids_of, run=broken)
    bisect_batch(MESSAGES, Work(ConfigurationInvalid("x"), "m-1"), failed=ids_of, run=wrong)

    assert (set(bug.bugs), broken.bugs, wrong.bugs) == ({"ZeroDivisionError"}, [], [])
    assert (bug.broken, broken.broken, wrong.broken) == (set(), {"A#1"}, set())
    assert wrong.metrics[Metric.MISCONFIGURED] == 1


@pytest.mark.parametrize("silent", [SecretUnavailable, QueueUnavailable, BusUnavailable])
def test_a_part_of_ours_that_is_silent_brings_all_messages_again(
    silent: type[Unavailable],
) -> None:
    work, run = (
        Work(silent("a text", code="read:ReadTimeoutError"), "m-1"),
        Invocation(deadline=NOON),
    )

    failed = bisect_batch(MESSAGES, work, failed=ids_of, run=run)

    assert failed == dict.fromkeys(ids_of(MESSAGES), f"{silent.__name__}:read:ReadTimeoutError")
    assert work.done == []


def test_a_silent_ledger_brings_all_messages_again_and_is_no_mistake() -> None:
    work, run = Work(LedgerUnavailable("read: ReadTimeoutError"), "m-1"), Invocation(deadline=NOON)

    failed = bisect_batch(MESSAGES, work, failed=ids_of, run=run)

    assert list(failed) == ids_of(MESSAGES)
    assert (work.done, run.bugs) == ([], [])


def test_what_the_work_itself_retries_is_reported() -> None:
    def work(messages: Sequence[Message]) -> Failures:
        return all_for(UNSTORABLE, [messages[0].message_id])

    run = Invocation(deadline=NOON)

    assert bisect_batch(MESSAGES, work, failed=ids_of, run=run) == {"m-0": UNSTORABLE}


def test_nothing_at_all_fails_nothing() -> None:
    def work(messages: Sequence[Message]) -> Failures:
        raise ZeroDivisionError

    assert bisect_batch([], work, failed=ids_of, run=Invocation(deadline=NOON)) == {}
