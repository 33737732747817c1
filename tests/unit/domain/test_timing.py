"""A chain of durations that cannot hold is refused before anything runs on it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.errors import ConfigurationInvalid
from tests import factories

TIMING = factories.any_timing()


@pytest.mark.parametrize(
    "wrong",
    [
        {"settle": 0.0},
        {"answered_settle": 0.0},
        {"between_look_ups": -1.0},
        {"backoff": 0.0},
        {"post": 0.0},
        {"post_margin": 0.0},
        {"settle": 4.9},
    ],
)
def test_a_chain_in_which_an_attempt_outlives_its_claim_is_refused(
    wrong: dict[str, float],
) -> None:
    with pytest.raises(ConfigurationInvalid):
        replace(TIMING, **wrong)


def test_settle_may_be_as_short_as_the_skew() -> None:
    assert replace(TIMING, settle=TIMING.skew).settle == TIMING.skew


def test_a_post_needs_its_deadline_and_its_margin() -> None:
    assert TIMING.needed_to_post == timedelta(seconds=35)


@pytest.mark.parametrize(
    ("tries", "seconds"), [(0, 10), (1, 10), (2, 20), (3, 40), (7, 640), (8, 900), (10**9, 900)]
)
def test_pauses_double_up_to_the_cap(tries: int, seconds: int) -> None:
    assert TIMING.pause_after(tries) == timedelta(seconds=seconds)


@given(st.integers(0, 1000))
def test_a_later_pause_is_never_shorter(tries: int) -> None:
    assert TIMING.pause_after(tries) <= TIMING.pause_after(tries + 1)
