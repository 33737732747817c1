"""Values are described by their forms, never by themselves."""

import pytest

from couponbus_cli.probe.caller import Reply
from couponbus_cli.probe.forms import ErrorForm, error_form, kind_of, kinds, listed, time_form
from tests.fakes.clock import NOON


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "true or false"),
        (7, "an integer"),
        (7.5, "a number with a fraction"),
        ("7", "text"),
        ([7], "a list"),
        ({"a": 7}, "an object"),
        (None, "null"),
    ],
)
def test_kinds_are_those_of_json(value: object, kind: str) -> None:
    assert kind_of(value) == kind


def test_kinds_are_named_once() -> None:
    assert kinds([1, "a", 2, None]) == "an integer or null or text"


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("2026-05-15T08:55:37+0100", "ISO 8601 with an offset"),
        ("2026-05-15T08:55:37.123Z", "ISO 8601 with an offset"),
        ("2026-05-15T08:55:37", "ISO 8601 without an offset"),
        ("2026-05-15 08:55:37", "ISO 8601 without an offset"),
        ("2026-05-15", "YYYY-MM-DD"),
        ("03-15-13 11:00:00 AM", "MM-DD-YY hh:mm:ss AM"),
        ("15-05-2019 08:54:02", "DD-MM-YYYY HH:MM:SS"),
        ("", "an empty text"),
        (None, "null"),
        (1747297537, "an integer"),
        ("15/May/2026", "another form: 99/aaa/9999"),
        ("ann@example.test", "another form: aaa?aaaaaaa.aaaa"),
        ("x" * 99, "another form: " + "a" * 30),
    ],
)
def test_times_are_named_or_masked(value: object, form: str) -> None:
    assert time_form(value) == form


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"", ErrorForm.NOTHING),
        (b" <html>", ErrorForm.PAGE),
        (b"Not Found", ErrorForm.TEXT),
        (b'{"message": "x"}', ErrorForm.MESSAGE),
        (b'{"message": "x", "errors": []}', ErrorForm.LIST),
        (b'{"message": "x", "errors": {"children": {}}}', ErrorForm.CHILDREN),
        (b'{"errors": []}', ErrorForm.ERRORS),
        (b'{"error": "x"}', ErrorForm.ERROR),
        (b'{"errorCode": 1, "errorMessage": "x"}', ErrorForm.ERROR_MESSAGE),
        (b'{"x": 1}', ErrorForm.OTHER),
        (b'["x"]', ErrorForm.OTHER),
    ],
)
def test_errors_are_distinguished_by_their_form(body: bytes, form: ErrorForm) -> None:
    assert error_form(Reply(summary="", received_at=NOON, status=400, body=body)) is form


def test_lists_read_as_sentences() -> None:
    assert [listed([]), listed("a"), listed("ab"), listed("abc")] == [
        "none",
        "a",
        "a and b",
        "a, b and c",
    ]
