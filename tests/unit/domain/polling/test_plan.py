"""A tick finds each due watch once, leaves none out, and does bounded work."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.identity import digest
from couponbus.domain.polling.cohort import (
    SHARDS,
    CohortKind,
    CohortSize,
    Span,
    place_of,
    shard_of_watch,
    span,
)
from couponbus.domain.polling.plan import SPAN_MAX, DueSpan, expected_calls, joined
from couponbus.domain.polling.poll_policy import PollPolicy
from tests.fakes.clock import NOON
from tests.thorough import thorough
from tests.unit.domain.polling.ticking import (
    DAY,
    EVERYWHERE,
    HOUR,
    LADDERS,
    MINUTE,
    REST,
    a_cohort,
    a_size,
    found,
    held_back,
    places,
)

MILLION = 1_000_000
HORIZON = 90 * DAY


@dataclass(frozen=True, slots=True)
class Lying:
    """A watch by its id and the moment from which its cohort counts."""

    watch_id: str
    moment: datetime

    def in_how_many(self, spans: Sequence[DueSpan]) -> int:
        place, shard = place_of(self.moment, self.watch_id), shard_of_watch(self.watch_id)
        return sum(
            one.span.shard == shard and one.span.first <= place <= one.span.last for one in spans
        )

    @property
    def where(self) -> tuple[int, int]:
        return self.moment.minute, shard_of_watch(self.watch_id)


LYING = st.builds(
    lambda number, seconds: Lying(digest("watch", number), NOON + timedelta(seconds=seconds)),
    st.integers(0, 10**9),
    st.integers(0, 3599),
)


@thorough(100, few=30)
@given(
    st.lists(LYING, min_size=1, max_size=30),
    st.sampled_from([1, 12_001, 200_000, MILLION]),
    st.sampled_from([2 * HOUR, 6 * HOUR, 20 * HOUR, 9 * DAY]),
    st.sampled_from([MINUTE, 20 * MINUTE, 8 * HOUR]),
    LADDERS,
)
def test_a_tick_has_exactly_the_watches_of_the_places_that_it_finds(
    watches: list[Lying], crowd: int, age: timedelta, length: timedelta, poll_policy: PollPolicy
) -> None:
    size = a_size(watches=crowd, poll_policy=poll_policy)
    due = found(size, NOON + age, NOON + age + length)
    meant = Counter(places(size, due))

    for spans in (due, joined(due)):
        for watch in watches:
            assert watch.in_how_many(spans) == meant[watch.where]
    assert set(meant.values()) <= {1}


def test_a_tick_that_makes_up_for_two_days_finds_each_of_a_million_once() -> None:
    size = a_size(watches=MILLION)

    due = joined(found(size, NOON + DAY, NOON + 3 * DAY))

    assert sum(one.watches for one in due) == pytest.approx(MILLION)
    watches = [Lying(digest("one", n), NOON + n % 3600 * timedelta(seconds=1)) for n in range(500)]
    assert {watch.in_how_many(due) for watch in watches} == {1}


@pytest.mark.parametrize("age", [timedelta(), HOUR, 5 * HOUR, 2 * DAY, 30 * DAY])
def test_a_million_of_one_hour_come_in_spans_of_a_few_hundred(age: timedelta) -> None:
    size = a_size(watches=MILLION)

    due = found(size, NOON + age, NOON + age + 6 * HOUR)

    assert len(due) > MILLION / SPAN_MAX / 3
    assert all(SPAN_MAX / 2 < one.watches <= SPAN_MAX for one in due)


def test_a_tick_finds_a_bounded_part_of_a_crowd_that_began_in_one_hour() -> None:
    size = a_size(watches=MILLION)

    ticks = [
        found(size, NOON + 20 * DAY + n * MINUTE, NOON + 20 * DAY + (n + 1) * MINUTE)
        for n in range(720)
    ]

    sizes = [sum(one.watches for one in due) for due in ticks]
    assert sum(sizes) == pytest.approx(MILLION)
    assert max(sizes) < MILLION / 200


def crowded_horizon(watches: int, *, now: datetime) -> Iterator[CohortSize]:
    """Yield three groups with sign-ups in each hour of a whole horizon, and with ends before."""
    for floor in (300, 600, 900):
        poll_policy = PollPolicy(floor_seconds=floor)
        for hours in range(90 * 24):
            at = now - hours * HOUR
            yield a_size(CohortKind.AGE, at=at, watches=watches, poll_policy=poll_policy)
            yield a_size(CohortKind.END, at=at + HORIZON, watches=watches, poll_policy=poll_policy)


@pytest.mark.parametrize(("watches", "spans_max"), [(154, 400), (5_000, 400), (20_000, 4_000)])
def test_the_work_of_a_tick_is_bounded_however_many_are_watched(
    watches: int, spans_max: int
) -> None:
    now = NOON + HORIZON
    total = 3 * 90 * 24 * watches

    due = [
        one for size in crowded_horizon(watches, now=now) for one in found(size, now, now + MINUTE)
    ]

    assert 0 < len(joined(due)) <= len(due) < spans_max
    assert sum(one.watches for one in due) < total / 300


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (CohortKind.AGE, 0),
        (CohortKind.AGE, 32),
        (CohortKind.AGE, 80),
        (CohortKind.END, 0),
        (CohortKind.END, 32),
    ],
)
def test_as_many_calls_are_expected_as_are_found(kind: CohortKind, level: int) -> None:
    size, start = a_size(kind, watches=240), NOON + 10 * HOUR
    at, expected, calls = start - 20 * HOUR, 0.0, 0.0

    while at < start + 6 * DAY:
        calls += sum(
            one.watches for one in found(size, at, at + 5 * MINUTE, throttle=held_back(level))
        )
        at += 5 * MINUTE
        expected += 300 * expected_calls(size, at=at, level=level, max_interval_seconds=REST)

    assert expected == pytest.approx(calls, rel=0.12)


def test_watches_that_have_just_begun_are_expected_to_be_due_soon() -> None:
    size = a_size(watches=6_000)

    calls = expected_calls(size, at=NOON + 2 * MINUTE, level=0, max_interval_seconds=REST)

    assert calls == pytest.approx(6_000 / 300)
    assert expected_calls(size, at=NOON + HORIZON * 1.1, level=0, max_interval_seconds=REST) == 0


def test_neighbouring_minutes_are_asked_for_together() -> None:
    size = a_size(watches=2_400)
    due = found(size, NOON, NOON + 2 * HOUR)

    asked = joined(random.Random(1).sample(due, len(due)))

    assert len(due) == len(EVERYWHERE)
    assert len(asked) == 2 * SHARDS  # at ten watches a minute, an hour has more than 500
    assert all(one.watches <= SPAN_MAX for one in asked)
    assert Counter(places(size, asked)) == Counter(EVERYWHERE)


def a_span(minute: int, *, shard: int = 0, part: int = 0, parts: int = 1) -> Span:
    cohort = a_cohort(CohortKind.AGE)
    at = cohort.first_minute + minute
    return span(cohort, shard=shard, minute=at, minutes=1, part=part, parts=parts)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (a_span(1), a_span(2), True),
        (a_span(2), a_span(1), True),
        (a_span(1, part=1, parts=2), a_span(2), True),
        (a_span(1), a_span(2, part=0, parts=2), True),
        (a_span(1), a_span(3), False),
        (a_span(1), a_span(2, shard=1), False),
        (a_span(1, part=0, parts=2), a_span(2), False),
        (a_span(1), a_span(2, part=1, parts=2), False),
        (a_span(1, part=0, parts=3), a_span(1, part=2, parts=3), False),
    ],
)
def test_only_what_touches_is_joined(one: Span, other: Span, together: bool) -> None:
    asked = joined([DueSpan(span=one, watches=10), DueSpan(span=other, watches=10)])

    assert len(asked) == (1 if together else 2)
    assert sum(each.watches for each in asked) == 20


def test_what_would_be_too_large_together_stays_apart() -> None:
    spans = [DueSpan(span=a_span(minute), watches=SPAN_MAX / 2 + 1) for minute in (1, 2)]

    assert joined(spans) == spans
