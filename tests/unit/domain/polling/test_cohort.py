"""A watch lies in one shard, at one place, and in exactly one of the spans that cover its time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.identity import digest
from couponbus.domain.polling.cohort import (
    HOUR_MINUTES,
    LETTERS,
    SHARDS,
    Cohort,
    CohortKind,
    Member,
    Span,
    end_of_minute,
    hour_of,
    minute_of,
    moment_of,
    place_of,
    shard_of_watch,
    span,
    start_of_minute,
)
from tests.fakes.clock import NOON
from tests.unit.domain.polling.ticking import MINUTE, a_cohort

IDS = st.integers(0, 10**9).map(lambda number: digest("watch", number))
EDGES = st.sampled_from(
    [letters + "A" * 18 for letters in ("22222222", "ZZZZZZZZ", "AA222222", "IIZZZZZZ")]
)
SECONDS = st.floats(0, 59.999)
MINUTE_OF_HOUR = st.integers(0, HOUR_MINUTES - 1)


@dataclass(frozen=True, slots=True)
class Lying:
    """A watch in a cohort, as the index sees it."""

    watch_id: str
    moment: datetime

    def is_in(self, one: Span) -> bool:
        place = place_of(self.moment, self.watch_id)
        return one.shard == shard_of_watch(self.watch_id) and one.first <= place <= one.last


LYING = st.builds(
    lambda watch_id, minute, seconds: Lying(
        watch_id, NOON + minute * MINUTE + timedelta(seconds=seconds)
    ),
    IDS | EDGES,
    MINUTE_OF_HOUR,
    SECONDS,
)


def covering(cohort: Cohort, width: int) -> Iterator[Span]:
    for minute in range(0, HOUR_MINUTES, width):
        for shard in range(SHARDS):
            first = cohort.first_minute + minute
            yield span(cohort, shard=shard, minute=first, minutes=width)


@given(LYING, st.sampled_from([1, 5, 15, 60]))
def test_spans_that_cover_an_hour_have_each_watch_once(lying: Lying, width: int) -> None:
    spans = covering(a_cohort(CohortKind.AGE), width)

    assert sum(lying.is_in(one) for one in spans) == 1


@given(LYING, st.sampled_from([2, 9, 40, 1100]))
def test_the_parts_of_a_minute_have_each_watch_of_it_once(lying: Lying, parts: int) -> None:
    cohort, minute = a_cohort(CohortKind.AGE), minute_of(lying.moment)
    shard = shard_of_watch(lying.watch_id)

    def holders(of_minute: int) -> int:
        return sum(
            lying.is_in(
                span(cohort, shard=shard, minute=of_minute, minutes=1, part=part, parts=parts)
            )
            for part in range(parts)
        )

    assert [holders(minute + away) for away in (-1, 0, 1)] == [0, 1, 0]


@given(LYING, MINUTE_OF_HOUR, st.integers(1, 60))
def test_a_span_has_those_of_its_minutes_only(lying: Lying, minute: int, minutes: int) -> None:
    first = minute_of(NOON) + minute
    cohort = a_cohort(CohortKind.AGE)

    spans = [span(cohort, shard=n, minute=first, minutes=minutes) for n in range(SHARDS)]

    is_meant = first <= minute_of(lying.moment) < first + minutes
    assert sum(lying.is_in(one) for one in spans) == int(is_meant)


@pytest.mark.parametrize("parts", [2, 8, 9, 40])
def test_the_parts_of_a_minute_are_of_about_one_size(parts: int) -> None:
    cohort, many = a_cohort(CohortKind.AGE), 8_000
    spans = [
        span(cohort, shard=0, minute=cohort.first_minute, minutes=1, part=part, parts=parts)
        for part in range(parts)
    ]
    ids = [one for number in range(many) if shard_of_watch(one := digest("crowd", number)) == 0]

    sizes = Counter(
        number for one in ids for number, each in enumerate(spans) if Lying(one, NOON).is_in(each)
    )

    assert sum(sizes.values()) == len(ids)
    assert max(sizes.values()) < 1.5 * len(ids) / parts + 10


def test_letters_lie_in_the_order_in_which_they_are_compared() -> None:
    assert sorted(LETTERS) == list(LETTERS)
    assert set(digest("anything")) <= set(LETTERS)


def test_places_lie_by_minute_and_then_by_id() -> None:
    early, late = place_of(NOON, "Z" * 26), place_of(NOON + MINUTE, "2" * 26)

    assert early < late
    assert place_of(NOON, "A" * 26) < early
    assert start_of_minute(minute_of(NOON)) < early < end_of_minute(minute_of(NOON)) < late
    assert place_of(NOON + timedelta(seconds=59, microseconds=999_999), "Z" * 26) == early


def test_a_crowd_is_spread_over_all_shards_wherever_its_places_are() -> None:
    shards = Counter(shard_of_watch(digest("crowd", number)) for number in range(4_000))

    assert set(shards) == set(range(SHARDS))
    assert max(shards.values()) < 1_150


def test_the_shards_of_a_cohort_are_due_at_even_distances() -> None:
    for kind in CohortKind:
        cohort = a_cohort(kind)
        phases = sorted(cohort.phase(shard) for shard in range(SHARDS))

        assert all(0 <= phase < 1 for phase in phases)
        assert [b - a for a, b in pairwise(phases)] == pytest.approx([1 / SHARDS] * (SHARDS - 1))


def test_cohorts_are_due_at_different_times() -> None:
    cohorts = [a_cohort(CohortKind.AGE, at=NOON + 60 * hour * MINUTE) for hour in range(200)]

    tenths = Counter(int(cohort.phase(0) * 10) for cohort in cohorts)

    assert len(tenths) == 10
    assert max(tenths.values()) < 45


def test_a_key_has_kind_group_and_hour() -> None:
    cohort = a_cohort(CohortKind.END)

    assert cohort.key == f"E#{cohort.group.id}#{hour_of(NOON)}"
    assert a_cohort(CohortKind.AGE).key != cohort.key


@given(st.datetimes(datetime(2026, 1, 1), datetime(2100, 1, 1)))
def test_minutes_and_hours_are_those_of_the_moment(naive: datetime) -> None:
    moment = naive.replace(tzinfo=NOON.tzinfo)

    begin = moment_of(minute_of(moment))

    assert begin == moment.replace(second=0, microsecond=0)
    assert hour_of(moment) == hour_of(begin)
    assert moment_of(hour_of(moment) * HOUR_MINUTES) == begin.replace(minute=0)


def test_a_member_does_not_say_whose_it_is() -> None:
    member = Member(watch_id="W", promotion=None, user_id="user@customer.example", digest="")

    assert repr(member) == "Member(W)"
