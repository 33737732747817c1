"""The words of a refusal are found in every form that is known."""

import pytest

from couponbus.providers.koupon.message import is_page, read_message
from tests.unit.providers.koupon.answers import encoded


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (encoded({"code": 404, "message": "not found", "version": "2"}), "not found"),
        (encoded({"errors": [{"message": "one"}, {"message": "two"}]}), "one; two"),
        (encoded({"version": "1", "errorCode": 5, "errorMessage": "late"}), "late"),
        (encoded({"error": ["a", "b"], "secret": "hidden"}), "a; b"),
        (encoded("plain"), "plain"),
        (encoded(5), ""),
        (b"No Redemptions to Void", "No Redemptions to Void"),
        (b" <html><body>Bad gateway</body></html>", ""),
        (b"", ""),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_the_words_are_found(body: bytes, words: str) -> None:
    assert read_message(body) == words


@pytest.mark.parametrize(("body", "page"), [(b"\n <!DOCTYPE", True), (b"{}", False), (b"", False)])
def test_a_page_is_known_by_how_it_begins(body: bytes, page: bool) -> None:
    assert is_page(body) is page
