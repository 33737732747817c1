"""Each poller of a queue collects a batch of its own, in a window of its own."""

from collections.abc import Mapping, Sequence
from random import Random

import pytest

from couponbus_sandbox.engine.collectors import LARGEST_PAYLOAD, Batching, Collectors

WINDOW = 20.0


def batching(*, collectors: int = 5, size: int = 200, window: float = WINDOW) -> Batching:
    return Batching(size=size, window=window, collectors=collectors)


def messages(count: int, *, first: int = 0, size: int = 1) -> Mapping[str, int]:
    return {f"message {first + number}": size for number in range(count)}


def batches(
    waiting: Mapping[str, int], *, given: Batching, now: float, of: Collectors
) -> Sequence[Sequence[str]]:
    """Take all that is due; what is taken waits no more."""
    found: list[Sequence[str]] = []
    left = dict(waiting)
    while batch := of.due(left, batching=given, now=now):
        found.append(batch)
        left = {each: size for each, size in left.items() if each not in batch}
    return found


@pytest.mark.parametrize(("collectors", "sizes"), [(1, [50]), (2, [20, 30]), (5, [10] * 5)])
def test_what_waits_at_once_is_received_by_tens_in_turns(collectors: int, sizes: list[int]) -> None:
    pollers, given, waiting = Collectors(Random(1)), batching(collectors=collectors), messages(50)

    assert not pollers.due(waiting, batching=given, now=0.0)
    found = batches(waiting, given=given, now=WINDOW, of=pollers)

    assert sorted(len(batch) for batch in found) == sizes
    assert sorted(each for batch in found for each in batch) == sorted(waiting)


def test_a_full_queue_fills_every_batch_however_many_collect() -> None:
    for collectors in (1, 2, 5):
        given = batching(collectors=collectors)
        found = batches(messages(1000), given=given, now=0.0, of=Collectors(Random(1)))

        assert [len(batch) for batch in found] == [200] * 5


def test_a_window_begins_with_the_first_message_of_its_own_collector() -> None:
    pollers, given = Collectors(Random(1)), batching(collectors=2, size=10)
    early, late = messages(10), messages(9, first=10)
    assert len(pollers.due(early, batching=given, now=0.0)) == 10
    assert not pollers.due(late, batching=given, now=15.0)

    assert pollers.ends(WINDOW) == 35.0
    assert not pollers.due(late, batching=given, now=34.9)
    assert len(pollers.due(late, batching=given, now=35.0)) == 9
    assert pollers.ends(WINDOW) is None


def test_without_a_window_nothing_waits() -> None:
    given = batching(size=10, window=0.0)

    assert len(Collectors(Random(1)).due(messages(3), batching=given, now=0.0)) == 3


def test_a_batch_is_closed_before_it_is_larger_than_an_invocation_can_carry() -> None:
    half = LARGEST_PAYLOAD // 2
    given = batching(collectors=1)

    found = batches(messages(5, size=half), given=given, now=0.0, of=Collectors(Random(1)))

    assert [len(batch) for batch in found] == [2, 2]


def test_what_was_deleted_meanwhile_is_in_no_batch() -> None:
    pollers, given = Collectors(Random(1)), batching(collectors=1)
    assert not pollers.due(messages(3), batching=given, now=0.0)

    left = messages(1, first=2)
    assert list(pollers.due(left, batching=given, now=WINDOW)) == list(left)
    assert not pollers.due({}, batching=given, now=2 * WINDOW)


def test_while_all_workers_are_busy_nothing_is_received() -> None:
    pollers = Collectors(Random(1))

    assert not pollers.due(messages(300), batching=batching(collectors=0), now=0.0)
    assert pollers.ends(WINDOW) is None
