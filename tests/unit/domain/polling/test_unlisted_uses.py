"""A total counts all uses of a code: what is not listed is of other customers, or was cut off."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.polling.recorded_redemption import LastEvent
from couponbus.domain.polling.redemption import Redemption
from couponbus.domain.polling.snapshot import UNCLEAR, UNLISTED_MAX, Snapshot
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import (
    WatchHarness,
    a_use,
    a_watch,
    polled_once,
    shared,
    uses,
)

SINCE = NOON + timedelta(seconds=20)
RECORDED, REVERSED = LastEvent.RECORDED, LastEvent.REVERSED
MANY = 10 * UNLISTED_MAX


def started(snapshot: Snapshot) -> WatchHarness:
    return polled_once(a_watch(Provider.UNIQODO), snapshot)


def undated(number: int) -> Redemption:
    return replace(a_use(number), redeemed_at=None)


@pytest.mark.parametrize("others", [1, MANY])
def test_the_watch_of_a_shared_code_begins_with_its_first_poll(others: int) -> None:
    harness = started(shared(a_use(1), a_use(2, at=SINCE), total=2 + others))

    assert harness.watch.state is WatchState.ACTIVE
    assert harness.history() == [(RECORDED, "2")]


def test_one_of_a_shared_code_has_gone_when_the_total_fell_with_it() -> None:
    harness = started(shared(total=5))
    harness.poll(shared(a_use(1), a_use(2), total=7))

    harness.record(shared(a_use(2), total=6))
    assert harness.history() == [(RECORDED, "1"), (RECORDED, "2")]
    harness.record(shared(a_use(2), total=6))

    assert harness.history()[2:] == [(REVERSED, "1")]
    assert harness.watch.digest == shared(a_use(2), total=6).digest


@pytest.mark.parametrize("others", [0, 5, MANY])
def test_a_list_that_was_cut_reverses_nothing_however_often_it_is_seen(others: int) -> None:
    harness = started(shared(total=others))
    first, second = a_use(1, at=SINCE), a_use(2, at=SINCE)
    whole = shared(first, second, total=2 + others)
    harness.poll(whole)

    cut = shared(second, total=2 + others)
    harness.poll(cut)
    assert harness.watch.digest == UNCLEAR
    for _ in range(9):
        harness.record(cut)
    harness.poll(whole)

    assert harness.history() == [(RECORDED, "1"), (RECORDED, "2")]
    assert harness.watch.digest == whole.digest


def test_a_page_that_a_new_one_pushes_an_old_one_off_reverses_nothing() -> None:
    harness = started(shared(a_use(1), a_use(2), total=2))

    for _ in range(3):
        harness.record(shared(a_use(2), a_use(3), total=3))

    assert harness.history() == [(RECORDED, "3")]


@pytest.mark.parametrize("another", [a_use(2), undated(2), a_use(2, at=NOON + timedelta(hours=2))])
def test_one_is_reversed_although_another_one_was_added_meanwhile(another: Redemption) -> None:
    harness = started(shared(total=5))
    harness.poll(shared(a_use(1), total=6))

    harness.settle(shared(another, total=6))

    assert sorted(harness.history()) == sorted([(RECORDED, "1"), (RECORDED, "2"), (REVERSED, "1")])


@pytest.mark.parametrize("hidden", [[a_use(2)], [a_use(2), undated(3)]])
def test_one_that_is_cut_while_hidden_ones_are_listed_stands_again_when_it_is_listed(
    hidden: list[Redemption],
) -> None:
    known, total = a_use(1, at=SINCE), 6 + len(hidden)
    harness = started(shared(known, total=total))

    harness.settle(shared(*hidden, total=total))
    assert (REVERSED, "1") in harness.history()
    harness.settle(shared(known, *hidden, total=total))

    assert harness.history()[-1] == (LastEvent.UPDATED, "1")


def test_one_is_reversed_although_another_reversed_one_stands_again() -> None:
    first, second = a_use(1, at=SINCE), a_use(2, at=SINCE)
    harness = started(shared(first, second, total=7))
    harness.settle(shared(second, total=6))

    harness.settle(shared(first, total=6))

    assert harness.history()[2:] == [(REVERSED, "1"), (LastEvent.UPDATED, "1"), (REVERSED, "2")]


def test_uses_of_others_are_noted_up_to_a_number_and_published_never() -> None:
    harness = started(shared(total=1))
    writes = [harness.poll(shared(total=total)) for total in range(2, UNLISTED_MAX + 9)]

    assert sum(one is not None for one in writes) == UNLISTED_MAX - 1
    assert harness.published == []


def test_while_others_use_the_code_an_absence_proves_nothing() -> None:
    harness = started(shared(total=5))
    harness.poll(shared(a_use(1), total=6))

    for total in (6, 6, 7, 7):
        harness.record(shared(total=total))
    assert harness.history() == [(RECORDED, "1")]
    harness.settle(shared(total=5))

    assert harness.history() == [(RECORDED, "1"), (REVERSED, "1")]


def test_of_a_code_that_very_many_use_no_absence_and_no_older_one_is_believed() -> None:
    harness = started(shared(total=MANY))
    harness.poll(shared(a_use(1), a_use(2, at=SINCE), undated(3), total=MANY + 3))
    assert harness.history() == [(RECORDED, "2"), (RECORDED, "3")]

    for _ in range(3):
        harness.record(shared(total=MANY))

    assert harness.history() == [(RECORDED, "2"), (RECORDED, "3")]


def test_what_a_cut_first_poll_counted_is_no_news_when_it_is_listed() -> None:
    harness = started(shared(a_use(1), total=4))

    harness.poll(uses(a_use(1), a_use(2), a_use(3, at=SINCE), undated(4)))

    assert harness.history() == [(RECORDED, "3")]
    harness.poll(uses(a_use(1), a_use(2), a_use(3, at=SINCE), undated(4), a_use(5)))
    assert harness.history()[1:] == [(RECORDED, "5")]


def test_a_watch_that_starts_again_waits_for_more_than_a_list_that_hides_a_known_one() -> None:
    harness = started(shared(total=0))
    harness.poll(uses(a_use(1)))
    again = NOON + timedelta(days=1)
    ended = harness.watch.ended(reason=EndReason.CANCELLED, now=again, publish_by=again)
    by = replace(
        a_watch(Provider.UNIQODO),
        watch_id=ended.watch_id,
        tenant=ended.tenant,
        account=ended.account,
        started_at=again,
        ends_at=again + timedelta(days=9),
    )
    harness.watch = ended.announced(now=again).restarted(by=by, now=again)
    harness.now = again

    states = []
    for snapshot in (shared(a_use(2), total=3), uses(a_use(1), a_use(2), a_use(3))):
        harness.record(snapshot)
        states.append(harness.watch.state)

    assert states == [WatchState.STARTING, WatchState.ACTIVE]
    assert harness.history() == [(RECORDED, "1")]


def test_a_cut_list_does_not_make_a_used_up_code_usable_again() -> None:
    harness = started(uses())
    harness.poll(replace(uses(a_use(1)), offer_id="4883", is_used_up=True))

    harness.poll(replace(shared(total=1), offer_id="4883"))
    assert harness.watch.used_up_at is not None
    harness.settle(replace(uses(), offer_id="4883"))

    assert harness.watch.used_up_at is None
    assert harness.history() == [(RECORDED, "1"), (REVERSED, "1")]
