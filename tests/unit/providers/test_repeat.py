"""When a harmless GET is repeated at once."""

import pytest

from couponbus.providers.http.failure import Failure
from couponbus.providers.http.retries import REPEATS_MAX, pause_before_repeat

PASSING: list[int | Failure] = [
    500,
    502,
    504,
    Failure.NOT_CONNECTED,
    Failure.CONNECT_TIMEOUT,
    Failure.NAME_NOT_RESOLVED,
    Failure.CONNECTION_LOST,
    Failure.BROKEN_ANSWER,
]
LASTING: list[int | Failure] = [
    *(200, 201, 301, 400, 401, 403, 404, 408, 422, 429, 501, 503),
    *(failure for failure in Failure if failure not in PASSING),
]


@pytest.mark.parametrize("result", PASSING)
def test_a_call_that_may_not_be_repeated_is_not(result: int | Failure) -> None:
    assert pause_before_repeat(result, repeats=0, left=9.0, most=0) is None
    assert pause_before_repeat(result, repeats=0, left=9.0, most=1) == 0.2
    assert pause_before_repeat(result, repeats=1, left=9.0, most=1) is None
    assert pause_before_repeat(result, repeats=REPEATS_MAX, left=9.0, most=9) is None


@pytest.mark.parametrize("result", PASSING)
def test_what_passes_is_asked_again_a_few_times(result: int | Failure) -> None:
    pauses = [pause_before_repeat(result, repeats=n, left=9.0) for n in range(REPEATS_MAX + 1)]

    assert pauses == [0.2, 0.6, None]


@pytest.mark.parametrize("result", LASTING)
def test_what_lasts_is_not_asked_again(result: int | Failure) -> None:
    assert pause_before_repeat(result, repeats=0, left=9.0) is None


def test_there_is_no_repetition_without_time_for_it() -> None:
    assert pause_before_repeat(500, repeats=0, left=0.2) is None


def test_a_provider_may_say_that_its_503_passes() -> None:
    busy = frozenset({503})

    assert pause_before_repeat(503, repeats=0, left=9.0, statuses=busy) == 0.2
    assert pause_before_repeat(500, repeats=0, left=9.0, statuses=busy) is None
