"""The words of an error, in each style of it."""

import json

import pytest

from couponbus.providers.coniq.message import read_message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"code": 400, "message": "Bad", "errors": [{"index": 0, "field": "channel"}]},
            "Bad; channel",
        ),
        ({"error": ["offer_id: Unknown.", "x"]}, "offer_id: Unknown.; x"),
        ({"message": "Bad", "errors": {"children": {"a": {"errors": ["no"]}}}}, "Bad; no"),
        ("plain", "plain"),
        (7, ""),
    ],
)
def test_the_words_of_an_error_are_found_in_each_style(body: object, words: str) -> None:
    assert read_message(json.dumps(body).encode()) == words


def test_an_error_that_is_not_json_has_no_words() -> None:
    assert read_message(b"<html>") == ""
