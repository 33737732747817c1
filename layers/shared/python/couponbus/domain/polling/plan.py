"""Who has a turn between two moments: from the sizes of cohorts to spans of watches.

Pure, and without memory of earlier ticks: a tick that comes late covers a longer time and finds
each watch once; one that comes twice finds the same.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from couponbus.domain.polling.cadence import BEFORE_END, around_end, by_age, has_turn
from couponbus.domain.polling.cohort import (
    HOUR_MINUTES,
    MINUTE_DIGITS,
    SHARDS,
    CohortKind,
    CohortSize,
    Span,
    end_of_minute,
    span,
)
from couponbus.domain.polling.schedule import Throttle
from couponbus.domain.polling.turn_counts import together, turn_counts

SPAN_MAX = 500  # watches


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """The time in which turns are looked for, and how long a watch of this account may rest.

    Half of `max_interval_seconds` is the longest pause of a cadence: for watches that began before
    all the levels that are remembered, a change begins another count, and a turn that was about
    to come may come a whole pause later.
    """

    since: datetime
    until: datetime
    max_interval_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSpan:
    """A span and about how many watches it has."""

    span: Span
    watches: float


def due_spans(size: CohortSize, *, tick: Tick, throttle: Throttle) -> Iterator[DueSpan]:
    """Yield the spans of a cohort whose watches have a turn in this tick."""
    begin, end, rest = _minutes(tick.since), _minutes(tick.until), tick.max_interval_seconds / 2
    counts = turn_counts(size, begin=begin, end=end, max_interval_seconds=rest, throttle=throttle)
    # Most cohorts have no turn at all, and few in more than one of their shards.
    extents = [(one, *extent) for one in counts if (extent := one.extent())[0] < extent[1]]
    first, width = size.cohort.first_minute, together(size, begin)
    if not extents:
        return
    for shard in range(SHARDS):
        phase = size.cohort.phase(shard)
        counting = [one for one, least, most in extents if has_turn(least, most, phase=phase)]
        if not counting:
            continue
        for minute in range(first, first + HOUR_MINUTES, width):
            if any(one.has_turn(minute, phase=phase) for one in counting):
                yield from _spans(size, shard=shard, minute=minute, minutes=width)


def expected_calls(
    size: CohortSize, *, at: datetime, level: int, max_interval_seconds: float
) -> float:
    """Return the looks per second that a cohort asks for at a level."""
    now, first = _minutes(at), size.cohort.first_minute
    if size.cohort.kind is CohortKind.END:
        since_middle = (now - first - HOUR_MINUTES / 2) * 60
        return size.watches * around_end(level=level).rate(since_middle + BEFORE_END)
    # While its hour is not over, nobody in it can be younger than now.
    middle = first + min(max(now - first, 0.0), HOUR_MINUTES) / 2
    cadence = by_age(
        size.cohort.group.poll_policy, level=level, max_interval_seconds=max_interval_seconds / 2
    )
    return size.watches * cadence.rate((now - middle) * 60)


def joined(spans: Sequence[DueSpan]) -> list[DueSpan]:
    """Return neighbouring spans of a shard as one: a query costs as much for ten as for one."""
    whole: list[DueSpan] = []
    for one in sorted(
        spans, key=lambda each: (each.span.cohort_key, each.span.shard, each.span.first)
    ):
        if whole and _may_be_one(whole[-1], one):
            whole[-1] = _both(whole[-1], one)
        else:
            whole.append(one)
    return whole


def _minutes(moment: datetime) -> float:
    return moment.timestamp() / 60


def _spans(size: CohortSize, *, shard: int, minute: int, minutes: int) -> Iterator[DueSpan]:
    watches = size.watches / SHARDS * minutes / HOUR_MINUTES
    parts = max(1, math.ceil(watches / SPAN_MAX)) if minutes == 1 else 1
    for part in range(parts):
        found = span(
            size.cohort, shard=shard, minute=minute, minutes=minutes, part=part, parts=parts
        )
        yield DueSpan(span=found, watches=watches / parts)


def _may_be_one(one: DueSpan, following: DueSpan) -> bool:
    return _touch(one.span, following.span) and one.watches + following.watches <= SPAN_MAX


def _touch(one: Span, following: Span) -> bool:
    """Whether one ends with the minute before the one with which the other begins."""
    if (one.cohort_key, one.shard) != (following.cohort_key, following.shard):
        return False
    before = int(following.first[:MINUTE_DIGITS]) - 1
    return len(following.first) == MINUTE_DIGITS and one.last == end_of_minute(before)


def _both(one: DueSpan, following: DueSpan) -> DueSpan:
    both = Span(
        cohort_key=one.span.cohort_key,
        shard=one.span.shard,
        first=one.span.first,
        last=following.span.last,
    )
    return DueSpan(span=both, watches=one.watches + following.watches)
