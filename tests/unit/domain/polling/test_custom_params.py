"""What a shop attaches to a redemption is kept whole or not at all, and is no news by itself."""

import dataclasses

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.polling.compare_uniqodo import KNOWN_MAX
from couponbus.domain.polling.poll_policy import Customers
from couponbus.domain.polling.published_redemption import PARAMS_BYTES
from couponbus.domain.polling.recorded_redemption import LastEvent
from couponbus.domain.polling.redemption import CustomParams, Redemption
from couponbus.domain.provider import Provider
from tests.unit.domain.polling.snapshots import WatchHarness, a_use, a_watch, polled_once, uses

RECORDED, UPDATED, REVERSED = LastEvent.RECORDED, LastEvent.UPDATED, LastEvent.REVERSED


def started(*shown: Redemption) -> WatchHarness:
    return polled_once(a_watch(Provider.UNIQODO), uses(*shown))


def attached(raw: str, use: Redemption | None = None) -> Redemption:
    return dataclasses.replace(use or a_use(1), custom_params=CustomParams(raw=raw))


def kept_by(harness: WatchHarness) -> list[str | None]:
    return [row.custom_params for row in harness.redemptions()]


@pytest.mark.parametrize("raw", ['{"p1":"example1"}', "a:1:{s:2:p1;}", "x" * PARAMS_BYTES])
def test_what_a_shop_attached_is_kept_with_the_redemption(raw: str) -> None:
    harness = started()

    harness.poll(uses(attached(raw)))

    assert kept_by(harness) == [raw]


@pytest.mark.parametrize("raw", ["x" * (PARAMS_BYTES + 1), "é" * (PARAMS_BYTES // 2 + 1)])
def test_more_than_the_limit_is_dropped_whole_and_counted(raw: str) -> None:
    harness = started()

    changes = harness.poll(uses(attached(raw)))

    assert kept_by(harness) == [None]
    assert changes is not None
    assert changes.params_dropped == 1
    assert harness.history() == [(RECORDED, "1")]


def test_what_cannot_be_read_is_counted_and_what_is_stored_stays() -> None:
    harness = started()
    unread = dataclasses.replace(a_use(1, value="8.00"), doubtful=frozenset({"custom_params"}))
    harness.poll(uses(attached('{"p":1}')))

    renewed = harness.poll(uses(unread))
    new = harness.poll(uses(unread, dataclasses.replace(a_use(2), doubtful=unread.doubtful)))

    assert renewed is not None
    assert new is not None
    assert (renewed.params_dropped, new.params_dropped) == (0, 1)
    assert harness.history() == [(RECORDED, "1"), (UPDATED, "1"), (RECORDED, "2")]
    assert kept_by(harness) == ['{"p":1}', None]


def test_a_change_of_it_alone_is_no_update_and_another_update_brings_it() -> None:
    harness = started()
    harness.poll(uses(attached("{}")))

    assert harness.poll(uses(attached('{"p":1}'))) is None
    assert kept_by(harness) == ["{}"]
    harness.poll(uses(attached('{"p":2}', a_use(1, value="8.00"))))

    assert kept_by(harness) == ['{"p":2}']
    assert harness.history() == [(RECORDED, "1"), (UPDATED, "1")]


def test_it_is_kept_of_what_is_inferred_of_a_new_customer() -> None:
    watch = replace(a_watch(Provider.UNIQODO), customers=Customers.NEW)
    undated = dataclasses.replace(attached('{"p":1}'), redeemed_at=None)

    harness = polled_once(watch, uses(undated))

    assert harness.history() == [(RECORDED, "1")]
    assert kept_by(harness) == ['{"p":1}']


def test_it_is_not_kept_of_what_is_not_published() -> None:
    harness = started(attached('{"p":1}'))

    assert kept_by(harness) == [None]


def test_it_is_forgotten_when_the_redemption_is_reversed_and_comes_back_with_it() -> None:
    harness = started()
    harness.poll(uses(attached('{"p":1}')))

    harness.poll(uses())
    harness.poll(uses())
    assert kept_by(harness) == [None]
    harness.poll(uses(attached('{"p":1}')))

    assert harness.history() == [(RECORDED, "1"), (REVERSED, "1"), (UPDATED, "1")]
    assert kept_by(harness) == ['{"p":1}']


def test_it_is_kept_only_where_the_watch_would_find_it_to_erase_it() -> None:
    known = [a_use(number) for number in range(2, KNOWN_MAX + 2)]
    harness = WatchHarness(watch=a_watch(Provider.UNIQODO))
    harness.settle(uses(*known))

    changes = harness.poll(uses(*known, attached('{"p":1}')))

    assert changes is not None
    assert (changes.recorded, changes.params_dropped) == (1, 1)
    assert {row.custom_params for row in harness.redemptions()} == {None}
