"""When the next poll of a watch is due, and how many were: the plan seen from one watch.

It evaluates the plan itself, so that what an operator reads is what the schedule will do.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from couponbus.domain.polling.cadence import AFTER_END, BEFORE_END, around_end, by_age
from couponbus.domain.polling.cohort import Cohort, CohortKind, CohortSize, place_of, shard_of_watch
from couponbus.domain.polling.plan import Tick, due_spans, expected_calls
from couponbus.domain.polling.schedule import Throttle
from couponbus.domain.polling.watch import Watch

WINDOWS_PER_POLL = 6
WINDOW_MAX = 60  # minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottleHistory:
    """How an account is polled: see `plan` for the interval and the throttle.

    `sizes` has the number of watches of a cohort by its key; a missing cohort counts as small.
    """

    throttle: Throttle
    max_interval_seconds: float
    sizes: Mapping[str, int]


def next_poll(watch: Watch, *, after: datetime, course: ThrottleHistory) -> datetime | None:
    """Return the minute of the next due poll, None if there is none before the watch ends."""
    polls = [
        poll
        for cohort, moment in _cohorts(watch)
        if (poll := _Shard(watch, cohort, moment, course).next_poll(after)) is not None
    ]
    return min(polls, default=None)


def polls_so_far(watch: Watch, *, now: datetime, max_interval_seconds: float) -> int:
    """Return about how many polls were due since `cohort_at`, had it never been throttled."""
    if watch.cohort_at is None:
        return 0
    age = (min(now, watch.ended_at or now) - watch.cohort_at).total_seconds()
    cadence = by_age(watch.poll_policy_now, level=0, max_interval_seconds=max_interval_seconds / 2)
    polls = cadence.polls_at(age)
    if watch.end_cohort is not None and watch.expires_at is not None:
        began = BEFORE_END - (watch.expires_at - watch.cohort_at).total_seconds()
        cadence = around_end(level=0)
        polls += cadence.polls_at(began + age) - cadence.polls_at(began)
    return math.floor(polls)


def _cohorts(watch: Watch) -> Iterator[tuple[Cohort, datetime]]:
    if watch.age_cohort is not None and watch.cohort_at is not None:
        yield watch.age_cohort, watch.cohort_at
    if watch.end_cohort is not None and watch.expires_at is not None:
        yield watch.end_cohort, watch.expires_at


class _Shard:
    """One place in one shard of a cohort."""

    def __init__(
        self, watch: Watch, cohort: Cohort, moment: datetime, course: ThrottleHistory
    ) -> None:
        self._shard = shard_of_watch(watch.watch_id)
        self._place = place_of(moment, watch.watch_id)
        self._size = CohortSize(cohort=cohort, watches=course.sizes.get(cohort.key, 1))
        self._course = course
        self._first, self._last = _bounds(cohort, watch)

    def next_poll(self, after: datetime) -> datetime | None:
        """Search window by window, then for the minute in the one that has a due poll."""
        since = max(after, self._first)
        while since < self._last:
            minutes = self._window(since)
            if self._is_due(since, minutes):
                return since + timedelta(minutes=self._least(since, minutes))
            since += timedelta(minutes=minutes)
        return None

    def _window(self, at: datetime) -> int:
        one = CohortSize(cohort=self._size.cohort, watches=1)
        rate = expected_calls(
            one,
            at=at,
            level=self._course.throttle.level,
            max_interval_seconds=self._course.max_interval_seconds,
        )
        return 1 if rate <= 0 else min(max(int(1 / rate / 60 / WINDOWS_PER_POLL), 1), WINDOW_MAX)

    def _is_due(self, since: datetime, minutes: int) -> bool:
        tick = Tick(
            since=since,
            until=since + timedelta(minutes=minutes),
            max_interval_seconds=self._course.max_interval_seconds,
        )
        return any(
            due.span.shard == self._shard and due.span.first <= self._place <= due.span.last
            for due in due_spans(self._size, tick=tick, throttle=self._course.throttle)
        )

    def _least(self, since: datetime, minutes: int) -> int:
        """Return after how many minutes the poll is due that is due within `minutes`."""
        shorter = range(1, minutes)
        return 1 + bisect_left(shorter, True, key=lambda least: self._is_due(since, least))


def _bounds(cohort: Cohort, watch: Watch) -> tuple[datetime, datetime]:
    """Return between which moments the cohort has due polls for a watch that is not over."""
    hour = datetime.fromtimestamp(cohort.hour * 3600, tz=UTC)
    if cohort.kind is CohortKind.AGE:
        return hour, watch.last_poll_at
    behind = hour + timedelta(hours=1, seconds=AFTER_END)
    return hour - timedelta(seconds=BEFORE_END), min(behind, watch.last_poll_at)
