"""A secret has two halves, and shows neither."""

import pytest

from couponbus.domain.errors import SecretUnavailable
from couponbus.providers.koupon.credentials import Credentials


def test_both_halves_are_read() -> None:
    read = Credentials.read('{"identifier": "test-identifier", "secret": "test-secret", "x": 1}')

    assert (read.identifier, read.secret) == ("test-identifier", "test-secret")
    assert repr(read) == "Credentials()"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "test-secret",
        "[]",
        "{}",
        '{"identifier": "test-identifier"}',
        '{"secret": "test-secret"}',
        '{"identifier": "", "secret": "test-secret"}',
        '{"identifier": 5, "secret": "test-secret"}',
        '{"identifier": "test identifier", "secret": "test-secret"}',
        '{"identifier": "test-identifier", "secret": "test\\nsecret"}',
        '{"identifier": "a", "identifier": "b", "secret": "test-secret"}',
        '{"identifier": "' + "%" * 80 + '", "secret": "test-secret"}',
        '{"identifier": "\ud800", "secret": "test-secret"}',
    ],
)
def test_anything_else_is_no_secret_and_is_not_repeated(text: str) -> None:
    with pytest.raises(SecretUnavailable) as refused:
        Credentials.read(text)

    assert "test" not in str(refused.value)
