"""The predicted polls of a watch are those that the plan makes, tick by tick."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.polling.cohort import CohortSize, place_of, shard_of_watch
from couponbus.domain.polling.next_poll import ThrottleHistory, next_poll, polls_so_far
from couponbus.domain.polling.plan import Tick, due_spans
from couponbus.domain.polling.poll_policy import PollPolicy
from couponbus.domain.polling.schedule import Throttle
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason
from couponbus.domain.provider import Provider
from tests.factories import any_active_watch, any_watch
from tests.fakes.clock import NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REST = 48 * 3600.0


def a_watch(*, seed: int, expires_at: datetime | None = None) -> Watch:
    """Return a watch that began a few minutes before noon."""
    began = NOON - (seed % 50) * MINUTE
    return replace(
        any_active_watch(seed=seed),
        provider=Provider.UNIQODO,
        poll_policy=PollPolicy(),
        started_at=began,
        cohort_at=began,
        ends_at=began + 90 * DAY,
        grace_seconds=86_400,
        expires_at=expires_at,
    )


def a_course(
    *, level: int = 0, since: datetime = NOON - 30 * DAY, crowd: Watch | None = None
) -> ThrottleHistory:
    """Return a throttle history in which a million watches began together with `crowd`."""
    throttle = Throttle(provider=Provider.UNIQODO, account="anything", level=level, since=since)
    cohort = crowd.age_cohort if crowd else None
    sizes = {cohort.key: 1_000_000} if cohort else {}
    return ThrottleHistory(throttle=throttle, max_interval_seconds=REST, sizes=sizes)


def ticks(
    watch: Watch, course: ThrottleHistory, *, after: datetime, until: datetime
) -> Iterator[datetime]:
    """Yield the minutes in which a schedule that ticks each minute polls this watch."""
    since = after
    while since < until:
        tick = Tick(since=since, until=since + MINUTE, max_interval_seconds=REST)
        since += MINUTE
        if any(_is_in(watch, course, tick)):
            yield since


def _is_in(watch: Watch, course: ThrottleHistory, tick: Tick) -> Iterator[bool]:
    for cohort, moment in (
        (watch.age_cohort, watch.cohort_at),
        (watch.end_cohort, watch.expires_at),
    ):
        if cohort is None or moment is None:
            continue
        place = place_of(moment, watch.watch_id)
        size = CohortSize(cohort=cohort, watches=course.sizes.get(cohort.key, 1))
        for due in due_spans(size, tick=tick, throttle=course.throttle):
            is_here = due.span.shard == shard_of_watch(watch.watch_id)
            yield is_here and due.span.first <= place <= due.span.last


@pytest.mark.parametrize("age", [0 * HOUR, HOUR, 7 * HOUR, 2 * DAY, 20 * DAY])
@pytest.mark.parametrize("level", [0, 9])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_next_due_poll_is_the_next_tick_that_finds_the_watch(
    age: timedelta, level: int, seed: int
) -> None:
    watch, course = a_watch(seed=seed), a_course(level=level)
    after = NOON + age

    foretold = next_poll(watch, after=after, course=course)

    assert foretold == next(ticks(watch, course, after=after, until=after + 2 * DAY))


@pytest.mark.parametrize("before_end", [3 * DAY, DAY, 2 * HOUR, timedelta()])
def test_around_the_end_of_its_code_it_has_due_polls_of_its_own(before_end: timedelta) -> None:
    end = NOON + 30 * DAY
    watch, course = a_watch(seed=3, expires_at=end), a_course()
    after = end - before_end

    foretold = next_poll(watch, after=after, course=course)
    without = next_poll(replace(watch, expires_at=None), after=after, course=course)

    assert foretold == next(ticks(watch, course, after=after, until=after + DAY))
    assert foretold is not None
    assert without is not None
    assert foretold <= without


def test_in_a_crowd_each_minute_has_its_own_due_polls() -> None:
    watch = a_watch(seed=49)
    course = a_course(crowd=watch)
    after = NOON + 2 * DAY

    foretold = next_poll(watch, after=after, course=course)

    assert foretold == next(ticks(watch, course, after=after, until=after + DAY))
    assert foretold != next_poll(watch, after=after, course=a_course())


def test_at_a_new_level_of_throttle_each_watch_is_due_once_more() -> None:
    watch, after = a_watch(seed=4), NOON + 20 * DAY
    course = a_course(level=20, since=after - 5 * HOUR)

    foretold = next_poll(watch, after=after, course=course)

    assert foretold == next(ticks(watch, course, after=after, until=after + 2 * DAY))
    assert foretold is not None
    assert foretold < after + 24 * HOUR


def test_a_watch_that_is_not_polled_or_ends_first_is_not_due() -> None:
    starting = any_watch()
    ended = a_watch(seed=5).ended(reason=EndReason.CANCELLED, now=NOON, publish_by=NOON)
    closing = replace(a_watch(seed=5), ends_at=NOON + 20 * DAY + MINUTE)

    for watch in (starting, ended, closing):
        assert next_poll(watch, after=NOON + 20 * DAY, course=a_course()) is None


@pytest.mark.parametrize("age", [HOUR, DAY])
@pytest.mark.parametrize("expires", [None, 10 * HOUR])
def test_the_due_polls_so_far_are_those_that_the_ticks_gave(
    age: timedelta, expires: timedelta | None
) -> None:
    began = NOON - 6 * MINUTE
    watch = a_watch(seed=6, expires_at=None if expires is None else began + expires)
    course = a_course()

    counted = polls_so_far(watch, now=began + age, max_interval_seconds=REST)

    given = len(list(ticks(watch, course, after=began, until=began + age)))
    assert counted == pytest.approx(given, abs=2)
    assert counted > 8


def test_due_polls_are_counted_from_the_first_poll_to_the_end() -> None:
    watch = a_watch(seed=7)
    ended = watch.ended(reason=EndReason.USED_UP, now=NOON + HOUR, publish_by=NOON)

    until_the_end = polls_so_far(watch, now=NOON + HOUR, max_interval_seconds=REST)

    assert polls_so_far(any_watch(), now=NOON + 90 * DAY, max_interval_seconds=REST) == 0
    assert polls_so_far(ended, now=NOON + DAY, max_interval_seconds=REST) == until_the_end
    assert polls_so_far(watch, now=NOON + DAY, max_interval_seconds=REST) > until_the_end
