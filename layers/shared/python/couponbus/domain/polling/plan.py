"""Which polls fall due between two moments: from the sizes of cohorts to spans of watches.

Pure, and without state of earlier ticks: a late tick covers a longer time and finds each watch
once; a repeated one finds the same.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from couponbus.domain.polling.cadence import BEFORE_END, around_end, by_age, is_poll_due
from couponbus.domain.polling.cohort import (
    HOUR_MINUTES,
    LAST,
    LETTERS,
    MINUTE_DIGITS,
    SHARDS,
    CohortKind,
    CohortSize,
    Span,
    end_of_minute,
    span,
)
from couponbus.domain.polling.due_counts import due_counts, together
from couponbus.domain.polling.schedule import Throttle

SPAN_MAX = 500  # watches


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """The period of a tick, and the longest interval between polls of a watch of this account.

    Half of `max_interval_seconds` is the longest pause of a cadence: for watches that began before
    all the levels that are remembered, a change begins another count, and a poll that was about
    to fall due may come a whole pause later.
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
    """Yield the spans of a cohort whose watches are due for a poll in this tick."""
    begin, end, rest = _minutes(tick.since), _minutes(tick.until), tick.max_interval_seconds / 2
    counts = due_counts(size, begin=begin, end=end, max_interval_seconds=rest, throttle=throttle)
    # Most cohorts have no due poll at all, and few in more than one of their shards.
    extents = [(one, *extent) for one in counts if (extent := one.extent())[0] < extent[1]]
    first, width = size.cohort.first_minute, together(size, begin)
    if not extents:
        return
    for shard in range(SHARDS):
        phase = size.cohort.phase(shard)
        counting = [one for one, least, most in extents if is_poll_due(least, most, phase=phase)]
        if not counting:
            continue
        for minute in range(first, first + HOUR_MINUTES, width):
            if any(one.is_poll_due(minute, phase=phase) for one in counting):
                yield from _spans(size, shard=shard, minute=minute, minutes=width)


def expected_calls(
    size: CohortSize, *, at: datetime, level: int, max_interval_seconds: float
) -> float:
    """Return the polls per second that a cohort takes at a level."""
    now, first = _minutes(at), size.cohort.first_minute
    if size.cohort.kind is CohortKind.END:
        since_middle = (now - first - HOUR_MINUTES / 2) * 60
        return size.watches * around_end(level=level).rate(since_middle + BEFORE_END)
    # While its hour is not over, no watch in it can be younger than now.
    middle = first + min(max(now - first, 0.0), HOUR_MINUTES) / 2
    cadence = by_age(
        size.cohort.group.poll_policy, level=level, max_interval_seconds=max_interval_seconds / 2
    )
    return size.watches * cadence.rate((now - middle) * 60)


def joined(spans: Sequence[DueSpan]) -> list[DueSpan]:
    """Merge neighbouring spans of a shard: a query costs as much for ten as for one."""
    whole: list[DueSpan] = []
    for one in sorted(
        spans, key=lambda each: (each.span.cohort_key, each.span.shard, each.span.first)
    ):
        last = whole[-1] if whole else None
        if last and last.watches + one.watches <= SPAN_MAX and _touch(last.span, one.span):
            both = replace(last.span, last=one.span.last)
            whole[-1] = DueSpan(span=both, watches=last.watches + one.watches)
        else:
            whole.append(one)
    return whole


def packed(
    spans: Sequence[DueSpan], *, watches_max: float, spans_max: int
) -> Iterator[Sequence[Span]]:
    """Yield the spans in batches of at most `spans_max` spans and about `watches_max` watches."""
    batch: list[Span] = []
    watches = 0.0
    for one in (part for whole in spans for part in _divided(whole, most=watches_max)):
        if batch and (len(batch) == spans_max or watches + one.watches > watches_max):
            yield batch
            batch, watches = [], 0.0
        batch.append(one.span)
        watches += one.watches
    if batch:
        yield batch


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


def _touch(one: Span, following: Span) -> bool:
    """Whether one ends with the minute before the other begins."""
    if (one.cohort_key, one.shard) != (following.cohort_key, following.shard):
        return False
    before = int(following.first[:MINUTE_DIGITS]) - 1
    return len(following.first) == MINUTE_DIGITS and one.last == end_of_minute(before)


def _divided(one: DueSpan, *, most: float) -> Iterator[DueSpan]:
    """Yield a span in pieces: by minutes, and a minute by the ids of its watches."""
    if one.watches <= most:
        yield one
        return
    first, last = _bounds(one.span)
    if first == last:
        yield from _by_ids(one, most=most)
        return
    middle = (first + last) // 2
    share = (middle - first + 1) / (last - first + 1)
    lower = replace(one.span, last=f"{middle:0{MINUTE_DIGITS}d}{LAST}")
    upper = replace(one.span, first=f"{middle + 1:0{MINUTE_DIGITS}d}")
    yield from _divided(DueSpan(span=lower, watches=one.watches * share), most=most)
    yield from _divided(DueSpan(span=upper, watches=one.watches * (1 - share)), most=most)


def _by_ids(one: DueSpan, *, most: float) -> Iterator[DueSpan]:
    """Divide by the next letter after the common beginning of the span's places."""
    common = one.span.first
    if one.span.last != common + LAST or len(common) >= MINUTE_DIGITS + 2:
        yield one  # a part already, as small as it gets
        return
    for letter in LETTERS:
        part = replace(one.span, first=common + letter, last=common + letter + LAST)
        yield from _divided(DueSpan(span=part, watches=one.watches / len(LETTERS)), most=most)


def _bounds(span: Span) -> tuple[int, int]:
    return int(span.first[:MINUTE_DIGITS]), int(span.last[:MINUTE_DIGITS])
