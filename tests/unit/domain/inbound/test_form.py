"""Forms are read as Python's parser reads them, except for fields that are repeated."""

from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.inbound.callbacks import FIELDS_MAX, fields_of

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def test_a_form_is_names_and_values() -> None:
    form = "promotionId=b1b1&userId=ada%40customer.example&note=two+words"

    assert fields_of(form) == {
        "promotionId": "b1b1",
        "userId": "ada@customer.example",
        "note": "two words",
    }


@given(st.dictionaries(texts, texts, max_size=8))
def test_whatever_is_written_is_read(fields: dict[str, str]) -> None:
    assert fields_of(urlencode(fields, quote_via=quote_plus)) == fields


@given(st.text(st.sampled_from("ab=&+%4 fFzü;"), max_size=30))
def test_odd_forms_are_read_as_python_reads_them(form: str) -> None:
    pairs = parse_qsl(form, keep_blank_values=True, max_num_fields=FIELDS_MAX)
    names = [name for name, _ in pairs]

    assert fields_of(form) == {name: value for name, value in pairs if names.count(name) == 1}


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("a=1;b=2", {"a": "1;b=2"}),
        ("a=%zz&b=%4", {"a": "%zz", "b": "%4"}),
        ("a&b=", {"a": "", "b": ""}),
        ("=1&a==", {"": "1", "a": "="}),
        ("a+b=%2B", {"a b": "+"}),
    ],
)
def test_what_is_odd_is_taken_as_it_stands(form: str, fields: dict[str, str]) -> None:
    assert fields_of(form) == fields


@pytest.mark.parametrize("form", ["userId=a&userId=b", "userId=a&userId=a", "userId=a&user%49d=a"])
def test_a_field_that_is_repeated_says_nothing(form: str) -> None:
    assert fields_of(f"{form}&promotionId=p") == {"promotionId": "p"}


@pytest.mark.parametrize("form", ["", "&", "&&&"])
def test_of_nothing_comes_nothing(form: str) -> None:
    assert fields_of(form) == {}


def test_a_form_with_too_many_fields_is_not_read() -> None:
    assert len(fields_of("&".join(f"f{number}=" for number in range(FIELDS_MAX)))) == FIELDS_MAX
    assert fields_of("&".join(f"f{number}=" for number in range(FIELDS_MAX + 1))) == {}


@pytest.mark.parametrize("form", ["userId=\ud800", "userId=%ed%a0%80", "userId=%ff"])
def test_what_is_no_text_is_read_as_no_known_name(form: str) -> None:
    assert set(fields_of(form)["userId"]) == {"\ufffd"}
