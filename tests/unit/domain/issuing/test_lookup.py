"""A look-up distinguishes our barcode from others, and says so when it cannot."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.aws.ledger.retention import DECIDED_LEAST
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.issuing.lookup import (
    FORGOTTEN,
    Absent,
    Found,
    Unclear,
    Verdict,
    judge,
    usable,
)
from tests import factories
from tests.fakes.clock import NOON

SKEW = timedelta(seconds=5)
INSTANT = timedelta(microseconds=1)
OWED = replace(factories.any_requested(), requested_at=NOON)
TODAY = NOON.date()
CODE = OWED.tracking_code
OURS = replace(factories.any_barcode(of=OWED.request), created_at=NOON)


def judged(*found: Barcode) -> Verdict:
    return judge(OWED, found, skew=SKEW)


def another(barcode: Barcode = OURS) -> Barcode:
    return replace(barcode, number=factories.any_barcode().number)


def test_nothing_found_is_absent() -> None:
    assert judged() == Absent()


def test_one_with_our_code_customer_and_offer_is_ours() -> None:
    assert judged(OURS) == Found(OURS)


def test_the_same_one_listed_twice_is_still_one() -> None:
    assert judged(OURS, OURS) == Found(OURS)


def test_one_among_others_of_the_customer_is_ours() -> None:
    older = replace(another(), tracking_code="of the sign-up form", created_at=NOON)

    assert judged(older, OURS) == Found(OURS)


def test_two_of_ours_are_left_to_a_human_the_oldest_first() -> None:
    younger = replace(another(), created_at=NOON + INSTANT)
    undated = replace(another(), created_at=None)

    verdict = judged(younger, OURS, undated)

    assert verdict == Unclear("several_barcodes", (undated.number, OURS.number, younger.number))


@pytest.mark.parametrize(
    "foreign", [{"customer_id": OWED.customer_id + 1}, {"offer_id": OWED.offer_id + 1}]
)
def test_our_code_on_anothers_barcode_is_left_to_a_human(foreign: dict[str, int]) -> None:
    theirs = replace(another(), **foreign)  # type: ignore[arg-type]

    assert judged(theirs) == Unclear("tracking_code_of_another", (theirs.number,))
    assert isinstance(judged(OURS, theirs), Unclear)


def test_one_of_ours_that_no_backup_reaches_is_of_an_issuance_that_was_deleted() -> None:
    old = replace(another(), created_at=NOON - FORGOTTEN - INSTANT)
    younger = replace(another(), created_at=NOON - FORGOTTEN)

    assert judged(old) == Absent()
    assert judged(old, OURS) == Found(OURS)
    assert judged(younger) == Found(younger)


def test_before_any_attempt_no_age_says_of_which_issuance_one_is() -> None:
    old = replace(another(), created_at=NOON - FORGOTTEN - INSTANT)

    assert judge(replace(OWED, requested_at=None), [old], skew=SKEW) == Found(old)


def test_what_a_retention_deletes_is_older_than_what_a_look_up_takes_for_ours() -> None:
    assert FORGOTTEN < DECIDED_LEAST


@pytest.mark.parametrize("code", [None, ""])
def test_one_without_a_code_made_since_we_asked_may_be_ours(code: str | None) -> None:
    suspect = replace(OURS, tracking_code=code)

    assert judged(suspect) == Unclear("tracking_code_missing", (OURS.number,))


@pytest.mark.parametrize(
    ("created", "suspect"),
    [(NOON - SKEW - INSTANT, False), (NOON - SKEW, True), (NOON, True), (None, True)],
)
def test_one_without_a_code_from_before_we_asked_is_not_ours(
    created: object, suspect: bool
) -> None:
    old = replace(OURS, tracking_code=None, created_at=created)  # type: ignore[arg-type]

    assert isinstance(judged(old), Unclear if suspect else Absent)


def test_one_without_a_code_is_suspect_if_the_time_of_the_post_is_unknown() -> None:
    unknown = replace(OWED, requested_at=None)
    suspect = replace(OURS, tracking_code=None, created_at=NOON - timedelta(days=9))

    assert isinstance(judge(unknown, [suspect], skew=SKEW), Unclear)


def test_a_certain_one_outweighs_a_suspect() -> None:
    assert judged(replace(another(), tracking_code=None), OURS) == Found(OURS)


@pytest.mark.parametrize(
    "other",
    [
        {"tracking_code": "another code", "created_at": NOON - SKEW - INSTANT},
        {"tracking_code": "another code", "customer_id": OWED.customer_id + 1},
        {"tracking_code": None, "customer_id": OWED.customer_id + 1},
        {"tracking_code": None, "offer_id": OWED.offer_id + 1},
    ],
)
def test_what_cannot_be_ours_is_absent(other: dict[str, object]) -> None:
    assert judged(replace(OURS, **other)) == Absent()  # type: ignore[arg-type]


def test_one_made_since_we_asked_may_be_ours_under_any_reference() -> None:
    foreign = replace(OURS, tracking_code="coniq-17")

    assert judged(foreign) == Unclear("newer_barcode", (OURS.number,))
    assert judged(replace(foreign, created_at=NOON - SKEW - INSTANT)) == Absent()


@pytest.mark.parametrize(
    "kept", [CODE.lower(), f" {CODE} ", CODE[:10], CODE[:20].lower(), CODE + "-1"]
)
def test_the_only_one_made_since_we_asked_is_ours_if_its_reference_is_what_is_left_of_ours(
    kept: str,
) -> None:
    changed = replace(OURS, tracking_code=kept)

    assert judged(changed) == Found(changed)


def test_two_with_what_is_left_of_our_reference_are_left_to_a_human() -> None:
    changed = replace(OURS, tracking_code=CODE[:10])

    assert isinstance(judged(changed, replace(changed, number=another().number)), Unclear)


def test_what_an_earlier_attempt_may_have_made_is_suspect_too() -> None:
    again = replace(OWED, requested_since=NOON - timedelta(hours=1))
    between = replace(OURS, tracking_code="foreign", created_at=NOON - timedelta(minutes=30))

    assert isinstance(judge(again, [between], skew=SKEW), Unclear)


FOUND = st.lists(
    st.builds(
        lambda number, code, customer, age: replace(
            OURS,
            number=str(number),
            tracking_code=code,
            customer_id=customer,
            created_at=None if age is None else NOON + timedelta(seconds=age),
        ),
        st.integers(1, 3),
        st.sampled_from([OURS.tracking_code, None, "", "other"]),
        st.sampled_from([OWED.customer_id, 1]),
        st.none() | st.integers(-9, 9),
    ),
    max_size=5,
)


@given(FOUND)
def test_the_order_of_the_answer_does_not_matter(found: list[Barcode]) -> None:
    def essence(verdict: Verdict) -> object:
        if isinstance(verdict, Found):
            return verdict.barcode.number
        return type(verdict), sorted(getattr(verdict, "numbers", ()))

    assert essence(judged(*found)) == essence(judged(*reversed(found)))


@given(FOUND)
def test_only_our_own_code_on_our_own_customer_is_ever_adopted(found: list[Barcode]) -> None:
    verdict = judged(*found)
    coded = [one for one in found if one.tracking_code == OURS.tracking_code]

    if isinstance(verdict, Found):
        assert {one.customer_id for one in coded} == {OWED.customer_id}
    if isinstance(verdict, Absent):
        assert coded == []


def existing(*, expires_on: date | None, days_old: int) -> Barcode:
    return replace(another(), expires_on=expires_on, created_at=NOON - timedelta(days=days_old))


def test_the_oldest_barcode_that_has_not_expired_is_taken_over() -> None:
    expired = existing(expires_on=TODAY - timedelta(days=1), days_old=9)
    young = existing(expires_on=None, days_old=1)
    old = existing(expires_on=TODAY, days_old=2)

    assert usable([young, expired, old], OWED, today=TODAY) == old


def test_nothing_is_taken_over_from_another_customer_or_offer() -> None:
    found = [
        replace(OURS, customer_id=OURS.customer_id + 1),
        replace(OURS, offer_id=OURS.offer_id + 1),
        replace(OURS, expires_on=TODAY - timedelta(days=1)),
    ]

    assert usable(found, OWED, today=TODAY) is None
    assert usable([], OWED, today=TODAY) is None
