"""Customer and offer identify a barcode, whatever Coniq made of its reference."""

from dataclasses import replace

import pytest

from couponbus.domain.issuing.barcode import Barcode
from tests.unit.providers.coniq.matched import CONTRADICTED, FIVE, barcode, matched, request, what


@pytest.mark.parametrize(
    "wrong", [replace(barcode(1), customer_id=2), replace(barcode(1), offer_id=102)]
)
def test_our_tracking_code_on_the_barcode_of_another_settles_nothing(
    wrong: Barcode,
) -> None:

    found = matched([request(1)], wrong)

    assert what(found.attempts[0]) == CONTRADICTED
    assert found.anomalies == 1


@pytest.mark.parametrize(
    "other", [replace(barcode(1), customer_id=2), replace(barcode(1), offer_id=102)]
)
def test_our_tracking_code_on_the_barcode_of_another_takes_nothing_from_ours(
    other: Barcode,
) -> None:
    for items in ([other, barcode(1)], [barcode(1), other]):
        found = matched([request(1)], *items)

        assert found.attempts[0].barcode == barcode(1)
        assert found.anomalies == 1


def test_without_tracking_codes_customer_and_offer_decide_if_they_can() -> None:
    bare = [replace(barcode(number), tracking_code=None) for number in (1, 2)]

    found = matched([request(1), request(2)], *reversed(bare))

    assert [attempt.barcode for attempt in found.attempts] == bare


def test_without_tracking_codes_two_requests_of_one_customer_stay_open() -> None:
    twin = replace(request(1), tracking_code="sig-1-again")
    bare = replace(barcode(1), tracking_code=None)

    found = matched([request(1), twin], bare, replace(bare, number="24000002"))

    assert [what(attempt) for attempt in found.attempts] == [CONTRADICTED, CONTRADICTED]
    assert {one.candidates for one in found.attempts} == {("24000001", "24000002")}
    assert found.anomalies == 2


REFERENCES = ["another's", "", "sig", "SIG-1", " sig-1 ", "sig-1-and-more"]


@pytest.mark.parametrize("reference", REFERENCES)
def test_customer_and_offer_say_whose_it_is_whatever_became_of_the_reference(
    reference: str,
) -> None:
    changed = replace(barcode(1), tracking_code=reference or None)

    found = matched([request(1), request(2)], barcode(2), changed)

    assert [attempt.barcode for attempt in found.attempts] == [changed, barcode(2)]
    assert found.anomalies == (1 if reference else 0)


@pytest.mark.parametrize("reference", ["SIG-1-AGAIN", "sig-1-ag"])
def test_what_is_left_of_a_reference_distinguishes_two_requests_of_one_customer(
    reference: str,
) -> None:
    twin = replace(request(1), tracking_code="sig-1-again")
    changed = replace(barcode(1), number="24000002", tracking_code=reference)

    found = matched([request(1), twin], changed, barcode(1))

    assert [attempt.barcode for attempt in found.attempts] == [barcode(1), changed]


def test_our_barcode_under_the_reference_of_another_is_ours_and_settles_nothing_for_the_other() -> (
    None
):
    swapped = replace(barcode(1), tracking_code="SIG-2 ")

    found = matched([request(1), request(2)], swapped)

    assert found.attempts[0].barcode == swapped
    assert what(found.attempts[1]) == CONTRADICTED
    assert (found.anomalies, found.unexplained) == (1, 1)


def test_references_that_were_shifted_by_one_cost_no_customer_a_barcode() -> None:
    shifted = [replace(barcode(number), tracking_code=f"sig-{number % 5 + 1}") for number in FIVE]

    found = matched([request(number) for number in FIVE], *shifted)

    assert [attempt.barcode for attempt in found.attempts] == shifted
    assert found.anomalies == 5
