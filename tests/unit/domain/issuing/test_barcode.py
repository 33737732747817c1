"""A number that is worth money does not show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.masking import VISIBLE_DIGITS, masked
from tests import factories


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("", ""),
        ("1234", "****"),
        ("12345678", "********"),
        ("123456789", "*****6789"),
        ("1234567890123456", "************3456"),
    ],
)
def test_at_most_the_last_four_digits_show_and_never_half_of_the_number(
    number: str, shown: str
) -> None:
    assert masked(number) == shown


@given(st.text(alphabet="0123456789ABCDEF", max_size=40))
def test_a_mask_keeps_the_length_and_hides_at_least_half(number: str) -> None:
    shown = masked(number)

    assert len(shown) == len(number)
    assert shown.count("*") >= max(len(number) - VISIBLE_DIGITS, len(number) / 2)


def test_a_barcode_does_not_show_its_number_or_its_picture() -> None:
    barcode = factories.any_barcode()

    shown = repr(barcode)

    assert barcode.number not in shown
    assert str(barcode.image_url) not in shown
    assert masked(barcode.number) in shown
    assert str(barcode.tracking_code) in shown
