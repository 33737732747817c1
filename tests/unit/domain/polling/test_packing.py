"""Spans are packed into batches of bounded size, and each watch is in exactly one span."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.polling.cohort import (
    LETTERS,
    Cohort,
    CohortKind,
    Span,
    moment_of,
    place_of,
    span,
)
from couponbus.domain.polling.plan import DueSpan, packed
from tests import factories

HOUR = 494_000
COHORT = Cohort(kind=CohortKind.AGE, group=factories.any_group(seed=1), hour=HOUR)


def due(*, watches: float, minute: int = 0, minutes: int = 60, shard: int = 0) -> DueSpan:
    found = span(COHORT, shard=shard, minute=HOUR * 60 + minute, minutes=minutes)
    return DueSpan(span=found, watches=watches)


def parcels(*spans: DueSpan, most: float, spans_max: int = 100) -> list[Sequence[Span]]:
    return list(packed(spans, watches_max=most, spans_max=spans_max))


def holding(parcel: Sequence[Span], place: str) -> Iterator[Span]:
    return (one for one in parcel if one.first <= place <= one.last)


def test_small_spans_travel_together() -> None:
    small = [due(watches=10, minute=minute, minutes=1) for minute in range(10)]

    assert parcels(*small, most=100) == [[one.span for one in small]]


def test_a_parcel_is_full_when_it_has_enough_watches_or_spans() -> None:
    small = [due(watches=10, minute=minute, minutes=1) for minute in range(10)]

    assert [len(one) for one in parcels(*small, most=40)] == [4, 4, 2]
    assert [len(one) for one in parcels(*small, most=1000, spans_max=3)] == [3, 3, 3, 1]


def test_a_large_span_is_divided_by_minutes() -> None:
    divided = parcels(due(watches=6000), most=150)

    assert 40 <= len(divided) <= 64
    assert all(len(one) == 1 for one in divided)


def test_nothing_makes_no_parcel() -> None:
    assert parcels(most=100) == []


@given(
    watches=st.floats(min_value=1, max_value=20_000),
    minutes=st.integers(min_value=1, max_value=60),
    most=st.floats(min_value=20, max_value=1000),
    minute=st.integers(min_value=0, max_value=59),
    letters=st.text(alphabet=LETTERS, min_size=8, max_size=8),
)
def test_each_watch_is_in_exactly_one_span(
    watches: float, minutes: int, most: float, minute: int, letters: str
) -> None:
    whole = due(watches=watches, minutes=minutes)
    place = f"{HOUR * 60 + minute:08d}{letters}"

    found = [one for parcel in parcels(whole, most=most) for one in holding(parcel, place)]

    assert len(found) == (1 if minute < minutes else 0)


@pytest.mark.parametrize("watches", [50.0, 1000.0, 100_000.0])
def test_a_crowded_minute_is_divided_by_the_ids_of_its_watches(watches: float) -> None:
    crowd = [factories.any_watch(seed=seed).watch_id for seed in range(200)]
    moment = moment_of(HOUR * 60)

    divided = parcels(due(watches=watches, minutes=1), most=100)
    found = [
        [one for parcel in divided for one in holding(parcel, place_of(moment, watch_id))]
        for watch_id in crowd
    ]

    assert [len(one) for one in found] == [1] * len(crowd)
    assert len(divided) >= watches / 200
