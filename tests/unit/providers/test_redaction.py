"""What a provider says is shown without what must not be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.providers.http.redaction import LENGTH_MAX, redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Validation Failed: channel", "Validation Failed: channel"),
        ("customer ann+shop@example.test is unknown", "customer *** is unknown"),
        ("customer ann%40example.test is unknown", "customer *** is unknown"),
        ("barcode 2400000000000001 exists", "barcode *** exists"),
        ("barcode 2400-0000-0000-0001 exists", "barcode *** exists"),
        ("customer 1234567 of offer 101", "customer 1234567 of offer 101"),
        ("bad key 0123456789abcdef0123456789abcdef", "bad key ***"),
        ("line\r\nfeed\x1b[31m \u202eright", "line feed [31m right"),
        ("", ""),
    ],
)
def test_what_identifies_or_opens_something_is_masked(text: str, shown: str) -> None:
    assert redacted(text) == shown


def test_what_the_caller_knows_to_be_secret_is_masked() -> None:
    assert redacted("the key test-key-not-real is old", hidden=["test-key-not-real", ""]) == (
        "the key *** is old"
    )


@given(st.text(min_size=0, max_size=6000))
def test_it_is_short_and_printable(text: str) -> None:
    shown = redacted(text)

    assert len(shown) <= LENGTH_MAX
    assert shown.isprintable()


@given(st.from_regex(r"\A[a-z]{1,9}@[a-z]{1,9}\Z"), st.from_regex(r"\A[0-9]{8,18}\Z"), st.text())
def test_an_address_and_a_number_never_show(email: str, number: str, around: str) -> None:
    shown = redacted(f"{around} {email} {around} {number} {around}")

    assert email not in shown
    assert number not in shown or number in around
