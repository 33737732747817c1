"""A text that cannot be sent as it is, is refused by the name of its field."""

import pytest

from couponbus.domain.errors import InputRejected
from couponbus.providers.koupon.texts import check_offer_ids, check_segment


@pytest.mark.parametrize("text", ["ann", "a/b", "ann@example.test", "...", "ü~ %2c", "x" * 256])
def test_most_texts_can_be_part_of_a_path(text: str) -> None:
    assert check_segment(text, field="consumer") == text


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        (None, "not_text"),
        (7, "not_text"),
        (".", "not_an_id"),
        ("..", "not_an_id"),
        ("a\x00b", "not_text"),
        ("\ud800", "not_text"),
        ("x" * 257, "too_long"),
    ],
)
def test_the_others_are_refused(value: object, reason: str) -> None:
    with pytest.raises(InputRejected) as refused:
        check_segment(value, field="consumer")

    assert (refused.value.reason, refused.value.fields) == (reason, ("consumer",))


@pytest.mark.parametrize(
    ("offer_ids", "reason"),
    [
        (["1281,1282"], "comma_in_id"),
        (["1281", ".."], "not_an_id"),
        ("1281", "not_a_list"),
        (["1"] * 1001, "too_many_ids"),
    ],
)
def test_ids_of_offers_can_be_distinguished_in_a_list(offer_ids: list[str], reason: str) -> None:
    assert check_offer_ids(["1281", "1282"]) == ["1281", "1282"]
    with pytest.raises(InputRejected) as refused:
        check_offer_ids(offer_ids)

    assert (refused.value.reason, refused.value.fields) == (reason, ("offer_ids",))
