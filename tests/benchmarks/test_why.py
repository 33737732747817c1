"""What `couponbus why` reads of a table."""

from collections.abc import Sequence

import pytest

from tests.benchmarks.why import Asked, measured

SMALL, LARGE = 20, 60
CALLS_MAX = 9


@pytest.fixture(scope="module")
def found() -> Sequence[Asked]:
    return list(measured((SMALL, LARGE), times=1))


def test_why_reads_as_many_rows_of_a_large_table_as_of_a_small_one(found: Sequence[Asked]) -> None:
    small, large = (
        [(one.question, one.calls, one.rows) for one in found if one.sign_ups == size]
        for size in (SMALL, LARGE)
    )

    assert small == large
    assert max(rows for _, _, rows in small) > 0


def test_why_makes_few_calls_and_scans_nothing(found: Sequence[Asked]) -> None:
    for one in found:
        assert sum(one.calls.values()) <= CALLS_MAX, one
        assert set(one.calls) <= {"BatchGetItem", "GetItem", "Query"}, one
