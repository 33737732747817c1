"""An address that would not keep a key safe is refused, with what to do about it."""

import pytest

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.providers.http.base_url import host_of

EXAMPLE = "https://api.example.test"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://API.example.test.:443/x", "api.example.test"),
        ("http://127.0.0.1:8080", "127.0.0.1"),
        ("http://localhost:1", "localhost"),
        ("http://[::1]:1/", "::1"),
    ],
)
def test_the_host_is_reported(url: str, host: str) -> None:
    assert host_of(url, example=EXAMPLE) == host


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("http://api.example.test", "https://"),
        ("http://10.0.0.1", "https://"),
        ("api.example.test", EXAMPLE),
        ("https://", EXAMPLE),
        ("https://bücher.example.test", EXAMPLE),
        ("https://a..example.test", EXAMPLE),
        ("https://[::1", "not a URL"),
        ("https://a.example.test:port", "not a URL"),
        ("https://user@a.example.test", "secret"),
        ("https://a.example.test#x", "path"),
    ],
)
def test_anything_else_is_refused_with_advice(url: str, advice: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=advice):
        host_of(url, example=EXAMPLE)
