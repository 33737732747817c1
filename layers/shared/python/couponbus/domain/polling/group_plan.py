"""The cohorts of a group that may have due polls, found without an object for each of the others.

Almost all cohorts are more than a day old, polled hour by hour, and not due in most ticks. So
these are counted as `due_spans` would count them, and only the others are looked at closely.
"""

import math
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

from couponbus.domain.polling.cadence import (
    AFTER_END,
    BEFORE_END,
    Cadence,
    above_rest,
    around_end,
    by_age,
    resting,
)
from couponbus.domain.polling.carried_counts import carried
from couponbus.domain.polling.cohort import (
    HOUR_MINUTES,
    SHARDS,
    CohortKind,
    CohortSize,
    GroupSizes,
)
from couponbus.domain.polling.due_counts import (
    CROWD,
    WHOLE_HOURS_FROM,
    due_counts,
    minutes_together,
)
from couponbus.domain.polling.plan import Tick
from couponbus.domain.polling.poll_policy import PollPolicy
from couponbus.domain.polling.schedule import Throttle, ThrottlePeriod

HOUR_SECONDS = 3600
SAFELY = 1e-6  # of a count: one that is this close to due is looked at
MARGIN = 2  # hours beyond those around an end in which polls are due

type _Extent = tuple[float, float]
type _Count = tuple[Cadence, float, float]  # from when, for how long; in seconds


class DueCohorts:
    """The cohorts of an account's groups that may have due polls in a tick."""

    def __init__(self, *, tick: Tick, throttle: Throttle) -> None:
        """Remember what several groups have in common: the counts around an end are the same."""
        self._tick = tick
        self._throttle = throttle
        self._begin, self._end = tick.since.timestamp() / 60, tick.until.timestamp() / 60
        self._extents: dict[tuple[CohortKind, PollPolicy | None, int], Sequence[_Extent]] = {}

    def of(self, group: GroupSizes) -> Iterator[CohortSize]:
        """Yield at least the cohorts for which `due_spans` finds something."""
        yield from self._ending(group)
        hourly = _HourlyCounts(group.group.poll_policy, tick=self._tick, throttle=self._throttle)
        phases = _Phases(CohortKind.AGE, group)
        youngest = self._begin - WHOLE_HOURS_FROM
        for hour, watches in group.began.items():
            if watches > CROWD:
                may_be_due = True
            elif hour * HOUR_MINUTES > youngest:
                may_be_due = self._may_be_due(group, CohortKind.AGE, hour, phases.of(hour))
            else:
                may_be_due = hourly.may_be_due(hour, phases.of(hour))
            if may_be_due:
                yield group.cohort(CohortKind.AGE, hour, watches)

    def _ending(self, group: GroupSizes) -> Iterator[CohortSize]:
        phases = _Phases(CohortKind.END, group)
        for hour in _around_end(self._begin, self._end):
            watches = group.ends.get(hour, 0)
            if watches > CROWD or (
                watches and self._may_be_due(group, CohortKind.END, hour, phases.of(hour))
            ):
                yield group.cohort(CohortKind.END, hour, watches)

    def _may_be_due(self, group: GroupSizes, kind: CohortKind, hour: int, phase: float) -> bool:
        policy = group.group.poll_policy if kind is CohortKind.AGE else None
        key = (kind, policy, hour)
        extents = self._extents.get(key)
        if extents is None:
            counts = due_counts(
                group.cohort(kind, hour, 1),
                begin=self._begin,
                end=self._end,
                max_interval_seconds=self._tick.max_interval_seconds / 2,
                throttle=self._throttle,
            )
            extents = self._extents[key] = [one.extent() for one in counts]
        return any(_passes_a_quarter(least, most, phase) for least, most in extents)


class ExpectedCalls:
    """The polls per second that a group takes at a moment, as the sum of `expected_calls`.

    A change of level asks for several levels, and the nodes of a cadence are the same at each.
    """

    def __init__(self, group: GroupSizes, *, at: float, max_interval_seconds: float) -> None:
        """Count the watches between two nodes; `at` is in seconds."""
        self._policy, self._rest = group.group.poll_policy, max_interval_seconds / 2
        self._ends = [
            (group.ends[hour], at - (hour + 0.5) * HOUR_SECONDS + BEFORE_END)
            for hour in _around_end(at / 60, at / 60)
            if hour in group.ends
        ]
        self._began: dict[int, int] = {}
        nodes, present = self._by_age(0).nodes, int(at) // HOUR_SECONDS
        for hour, watches in group.began.items():
            # While its hour is not over, no watch in it can be younger than now.
            age = at - hour * HOUR_SECONDS
            age -= HOUR_SECONDS / 2 if hour < present else age / 2
            place = bisect_right(nodes, age) - 1  # -1 before the first: the last rate, which is 0
            self._began[place] = self._began.get(place, 0) + watches

    def at_level(self, level: int) -> float:
        """Return what is expected at a level."""
        ends, rates = around_end(level=level), self._by_age(level).rates
        ending = sum(watches * ends.rate(seconds) for watches, seconds in self._ends)
        return ending + sum(watches * rates[place] for place, watches in self._began.items())

    def _by_age(self, level: int) -> Cadence:
        return by_age(self._policy, level=level, max_interval_seconds=self._rest)


class _HourlyCounts:
    """The counts of due polls of the cohorts that are polled hour by hour, as `due_counts` has."""

    def __init__(self, policy: PollPolicy, *, tick: Tick, throttle: Throttle) -> None:
        self._rest = rest = tick.max_interval_seconds / 2
        self._policy, level = policy, throttle.level
        self._course = tuple(throttle.course())
        count = by_age(policy, level=level, max_interval_seconds=rest)
        begin, end = tick.since.timestamp(), tick.until.timestamp()
        self._counts: list[_Count] = [(count, begin, end - begin)]
        self._unremembered = self._counts
        edge = min(max(throttle.since.timestamp() + rest, begin), end)
        if edge > begin:
            low = resting(policy, max_interval_seconds=rest)
            high = above_rest(policy, level=level, max_interval_seconds=rest)
            self._unremembered = [(low, begin, edge - begin), (high, begin, edge - begin)]
            if edge < end:
                self._unremembered.append((count, edge, end - edge))

    def may_be_due(self, hour: int, phase: float) -> bool:
        """Whether any shard of a cohort may be due."""
        first, began = hour * HOUR_MINUTES, hour * HOUR_SECONDS
        counts = self._counts
        if self._course[0].since > first:
            counts = self._unremembered
        elif self._course[-1].since > first:
            phase += self._carried_by(hour)
        # By age rates fall, so the count grows by no more; as `_passes_a_quarter`, without a call.
        for cadence, since, during in counts:
            age, nodes = since - began, cadence.nodes
            place = bisect_right(nodes, age) - 1
            rate = cadence.rates[place]
            count = cadence.counts[place] + (age - nodes[place]) * rate + phase
            if (count * SHARDS - SAFELY) % 1.0 + during * rate * SHARDS + 2 * SAFELY >= 1.0:
                return True
        return False

    def _carried_by(self, hour: int) -> float:
        known = _carried_by_hour(self._policy, self._course, self._rest)
        if hour not in known:
            known[hour] = self._carried(hour * HOUR_MINUTES)
        return known[hour]

    def _carried(self, first: int) -> float:
        found = carried(
            self._course,
            first_minute=first,
            lead=0.0,
            cadence_at=lambda level: by_age(
                self._policy, level=level, max_interval_seconds=self._rest
            ),
            width_at=lambda at: minutes_together(at - first),
        )
        return found.of(0, width=HOUR_MINUTES)


class _Phases:
    """The phases of a group's cohorts, as `Cohort.phase` has them for the first shard."""

    def __init__(self, kind: CohortKind, group: GroupSizes) -> None:
        self._prefix = zlib.crc32(f"{kind}#{group.group.id}#".encode())

    def of(self, hour: int) -> float:
        """Return the phase of a cohort."""
        return zlib.crc32(b"%d" % hour, self._prefix) / 2**32


def _passes_a_quarter(least: float, most: float, phase: float) -> bool:
    """Whether any shard may be due between two counts: they are a quarter of a poll apart."""
    before, after = (least + phase) * SHARDS, (most + phase) * SHARDS
    return math.floor(after + SAFELY) > math.floor(before - SAFELY)


@lru_cache(maxsize=128)
def _carried_by_hour(
    policy: PollPolicy, course: tuple[ThrottlePeriod, ...], rest: float
) -> dict[int, float]:
    """Return where additions are remembered: they do not change while the levels do not."""
    del policy, course, rest
    return {}


def _around_end(begin: float, end: float) -> range:
    """Return the hours of codes that end soon, or ended just now; in minutes since the epoch."""
    first = int(begin - AFTER_END / 60) // HOUR_MINUTES - MARGIN
    return range(first, int(end + BEFORE_END / 60) // HOUR_MINUTES + MARGIN)
