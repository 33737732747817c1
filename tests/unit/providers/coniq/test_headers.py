"""The headers of a request, and texts that cannot be a key."""

import pytest

from couponbus.domain.errors import SecretUnavailable
from couponbus.providers.coniq.headers import headers_for


def test_the_key_and_the_version_travel_in_headers() -> None:
    headers = headers_for("test-key-not-real")

    assert headers["Authorization"] == 'ApiKey key="test-key-not-real"'
    assert headers["x-api-version"] == "2.0"
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "key", ["", " ", "a key", 'quo"te', "line\nfeed", "\u00e9t\u00e9", "x" * 513]
)
def test_what_cannot_be_a_key_is_not_sent_and_not_shown(key: str) -> None:
    with pytest.raises(SecretUnavailable) as raised:
        headers_for(key)

    assert str(raised.value) == "the secret is not an API key"
