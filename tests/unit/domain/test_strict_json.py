"""JSON that two readers could understand differently is refused."""

from decimal import Decimal

import pytest

from couponbus.domain.errors import InputRejected
from couponbus.domain.strict_json import BODY_LIMIT, DEPTH_LIMIT, strict_answer, strict_json


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b'{"a": "\xff"}', "not_utf8"),
        ('{"a": 1}'.encode("utf-16"), "not_utf8"),
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'{"a": 1, "\\u0061": 2}', "duplicate_key"),
        (b"[NaN]", "not_a_finite_number"),
        (b"[-Infinity]", "not_a_finite_number"),
        (b"[1e999]", "not_a_finite_number"),
        (b"[" * 33 + b"]" * 33, "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b'["\\ud83d"]', "not_unicode"),
        (b'["\\uDE00\\uD83D"]', "not_unicode"),
        (b'{"\\ud83d": 1}', "not_unicode"),
        (b'[1.5, "\\ud83d"]', "not_unicode"),
        (b"[" + b"9" * 5000 + b"]", "not_json"),
    ],
)
def test_an_answer_that_readers_disagree_about_is_refused_with_a_code(
    body: bytes, reason: str
) -> None:
    with pytest.raises(InputRejected) as refused:
        strict_answer(body)

    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'["\\ud83d\\ude00"]', ["\U0001f600"]),
        (b'["\\\\ud83d"]', ["\\ud83d"]),
        (b'"' + b"x" * (BODY_LIMIT + 1) + b'"', "x" * (BODY_LIMIT + 1)),
    ],
)
def test_an_answer_that_means_one_thing_is_read_however_large_it_is(
    body: bytes, value: object
) -> None:
    assert strict_answer(body) == value


def test_an_answer_may_be_nested_as_deeply_as_the_limit_says() -> None:
    assert strict_answer(b"[" * DEPTH_LIMIT + b"]" * DEPTH_LIMIT)


def test_a_number_that_is_not_whole_is_read_as_the_reader_wants_it() -> None:
    assert strict_answer(b"[0.10, 1]", read_fraction=Decimal) == [Decimal("0.10"), 1]
    with pytest.raises(InputRejected, match="not_unicode"):
        strict_answer(b'[0.10, "\\ud83d"]', read_fraction=Decimal)
    assert strict_json("[0.5, 1]") == [0.5, 1]


def test_half_of_a_surrogate_pair_is_left_to_the_caller() -> None:
    assert strict_json('["\\ud83d"]') == ["\ud83d"]


def test_a_body_that_is_stored_or_sent_on_may_have_so_many_bytes_and_no_more() -> None:
    assert strict_json('"é"', limit=4) == "é"

    with pytest.raises(InputRejected, match="too_large"):
        strict_json('"é"', limit=3)
