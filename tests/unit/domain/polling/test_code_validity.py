"""Why a code is not valid for use is published when it changes, and only then."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.polling.watch_states import EndReason
from couponbus.domain.provider import Provider
from tests.unit.domain.polling.snapshots import WatchHarness, a_use, a_watch, polled_once, uses

DAY = timedelta(days=1)


def showing(*errors: int, of: Snapshot | None = None) -> Snapshot:
    return replace(of or uses(), code_errors=errors)


def started(*errors: int) -> WatchHarness:
    return polled_once(a_watch(Provider.UNIQODO), showing(*errors))


def published(harness: WatchHarness) -> list[tuple[str, ...]]:
    return [
        row.errors
        for row in harness.published
        if isinstance(row, Notice) and row.kind is NoticeKind.CODE_VALIDITY_CHANGED
    ]


def test_what_the_first_poll_shows_is_published() -> None:
    assert published(started(204, 209)) == [("204", "209")]
    assert published(started()) == []


def test_that_there_is_no_code_yet_is_the_normal_beginning_and_no_news() -> None:
    none_yet = replace(showing(204), has_no_code=True)
    harness = polled_once(a_watch(Provider.UNIQODO), none_yet)

    assert harness.watch.digest == none_yet.digest  # so that the next poll ends there
    harness.poll(replace(showing(), offer_id="501"))
    before = published(harness)
    harness.poll(none_yet)

    assert before == []
    assert published(harness) == [("204",)]
    assert harness.watch.digest == none_yet.digest


def test_each_change_is_published_once_also_the_way_back() -> None:
    harness = started()

    for errors in ((209,), (209,), (209, 555), (555,), (), (), (209,)):
        harness.poll(showing(*errors))

    assert published(harness) == [("209",), ("209", "555"), ("555",), (), ("209",)]


def test_a_poll_that_shows_the_same_writes_nothing() -> None:
    harness = started(209)

    assert harness.poll(showing(209)) is None
    assert harness.poll(showing(209, of=uses(a_use(1)))) is not None
    assert harness.poll(showing(209, of=uses(a_use(1)))) is None
    assert published(harness) == [("209",)]


def test_that_a_code_was_redeemed_is_no_error_of_it() -> None:
    harness = started()

    harness.poll(replace(uses(a_use(1)), is_used_up=True))

    assert published(harness) == []


@pytest.mark.parametrize("more", [(), (555,)], ids=["nothing", "another one"])
@pytest.mark.parametrize(
    "of",
    [uses(is_doubtful=True), replace(uses(), may_lack_errors=True)],
    ids=["a doubtful answer", "errors that cannot be read"],
)
def test_what_may_lack_an_error_does_not_prove_that_it_has_gone(
    of: Snapshot, more: tuple[int, ...]
) -> None:
    harness = started(209)
    doubtful = showing(*more, of=of)

    harness.poll(doubtful)
    assert harness.poll(doubtful) is None
    harness.poll(showing())

    between = [("209", "555")] if more else []
    assert published(harness) == [("209",), *between, ()]


def test_an_answer_that_lacks_redemptions_says_all_the_same_that_a_code_is_valid_again() -> None:
    harness = started(209)

    harness.poll(showing(of=uses(is_complete=False)))

    assert published(harness) == [("209",), ()]


def test_an_error_that_comes_and_goes_does_not_delay_the_end() -> None:
    harness = started()
    harness.poll(showing(209))
    over = harness.watch.last_poll_at - harness.now

    harness.poll(showing(), after=over)

    assert harness.watch.reason == EndReason.HORIZON
    assert published(harness) == [("209",), ()]


def test_a_watch_that_is_started_again_publishes_only_what_has_changed() -> None:
    harness = started(209)
    ended = harness.watch.ended(
        reason=EndReason.CANCELLED, now=harness.now, publish_by=harness.now
    ).announced(now=harness.now)
    later = replace(a_watch(Provider.UNIQODO), watch_id=ended.watch_id, started_at=harness.now)
    harness.watch = ended.restarted(by=later, now=harness.now)

    harness.record(showing(209), after=DAY)
    harness.record(showing(), after=DAY)

    assert published(harness) == [("209",), ()]


def test_the_same_poll_made_again_after_a_crash_is_the_same_notice() -> None:
    one, other = started(), started()
    other.watch, other.rows = one.watch, dict(one.rows)

    for harness in (one, other):
        harness.poll(showing(209))

    keys = [{row.key for row in each.published if isinstance(row, Notice)} for each in (one, other)]
    assert keys[0] == keys[1] != set()
