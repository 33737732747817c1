"""Which customers a program denies a barcode, and why: what is unknown is a denial."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.issuing.program import Program, Refusal, denied
from tests import factories
from tests.fakes.clock import NOON

INSTANT = timedelta(microseconds=1)
OPEN = factories.any_program()
BOUNDED = replace(OPEN, valid_from=NOON, valid_until=NOON + timedelta(days=1))
ADULTS = replace(OPEN, minimum_age=18)
CAREFUL = replace(OPEN, required_consents=("marketing", "tobacco"))


def test_a_program_without_conditions_is_for_all() -> None:
    assert denied(OPEN, consents=(), age=None, now=NOON) is None


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (-INSTANT, Refusal.PROGRAM_NOT_STARTED),
        (timedelta(), None),
        (timedelta(days=1) - INSTANT, None),
        (timedelta(days=1), Refusal.PROGRAM_ENDED),
    ],
)
def test_a_program_runs_from_its_first_instant_to_before_its_last(
    after: timedelta, expected: Refusal | None
) -> None:
    assert denied(BOUNDED, consents=(), age=None, now=NOON + after) is expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (None, Refusal.AGE_UNKNOWN),
        (-1, Refusal.UNDER_AGE),
        (17, Refusal.UNDER_AGE),
        (18, None),
        (90, None),
    ],
)
def test_the_minimum_age_must_be_reached_for_sure(
    age: int | None, expected: Refusal | None
) -> None:
    assert denied(ADULTS, consents=(), age=age, now=NOON) is expected


@pytest.mark.parametrize(
    ("consents", "expected"),
    [
        ((), Refusal.CONSENT_MISSING),
        (("marketing",), Refusal.CONSENT_MISSING),
        (("Marketing", "Tobacco"), Refusal.CONSENT_MISSING),
        (("tobacco", "marketing"), None),
        (("tobacco", "sms", "marketing"), None),
    ],
)
def test_each_required_consent_must_be_given(
    consents: tuple[str, ...], expected: Refusal | None
) -> None:
    assert denied(CAREFUL, consents=consents, age=None, now=NOON) is expected


@given(
    st.builds(
        lambda consents, age: replace(OPEN, required_consents=consents, minimum_age=age),
        st.lists(st.sampled_from("abc")).map(tuple),
        st.none() | st.integers(0, 30),
    ),
    st.lists(st.sampled_from("abc")).map(tuple),
    st.none() | st.integers(0, 30),
)
def test_more_consent_and_more_years_never_take_anything_away(
    program: Program, consents: tuple[str, ...], age: int | None
) -> None:
    now = denied(program, consents=consents, age=age, now=NOON)
    then = denied(program, consents=(*consents, "z"), age=(age or 0) + 1, now=NOON)

    assert now is not None or then is None
