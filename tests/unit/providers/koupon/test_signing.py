"""A signature covers all of the URL before it, and nothing of the URL is touched."""

import hashlib
import hmac
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.providers.koupon.urls import sign_url, signature_of

SECRET = "test-secret"
IDENTIFIER = "test-identifier"
NOON = 1_700_000_000

urls = st.builds(
    lambda path, pairs: (
        "https://consumer.example.test/v2/"
        + quote(path, safe="")
        + ("?" + "&".join(f"{k}={quote(v, safe=',')}" for k, v in pairs) if pairs else "")
    ),
    st.text(min_size=1),
    st.lists(st.tuples(st.sampled_from(["storeid", "channel", "b", "a"]), st.text()), max_size=4),
)


def test_the_first_known_signature() -> None:
    signed = sign_url(
        "http://consumer.kouponmedia.com/v2/consumer",
        identifier=IDENTIFIER,
        secret=SECRET,
        timestamp=NOON,
    )

    assert signed == (
        "http://consumer.kouponmedia.com/v2/consumer"
        "?identifier=test-identifier&timestamp=1700000000"
        "&authSignature=e85ea295f92059210970c7b923982eab6838b11b"
    )


def test_the_second_known_signature_has_its_parameters_the_other_way_round() -> None:
    url = (
        "https://consumer.sandbox1.kouponmedia.com/v2/fb4a8d42-c772-43a6-9586-d805a64f1ab2"
        "/offers?timestamp=1700000000&identifier=test-identifier"
    )

    assert signature_of(url, secret=SECRET) == "44d07f5a8f1622b22e0521a9345203c0c4fe384b"


def test_the_third_known_signature_has_lists_with_bare_commas() -> None:
    signed = sign_url(
        "https://consumer.kouponmedia.com/v2/fb4a8d42-c772-43a6-9586-d805a64f1ab2"
        "/offers/1281,1282,1283?storeid=12,34",
        identifier=IDENTIFIER,
        secret=SECRET,
        timestamp=NOON,
    )

    assert signed.endswith(
        "?storeid=12,34&identifier=test-identifier&timestamp=1700000000"
        "&authSignature=2535b1dec11aada30b428057fbf9e9e6af7842b6"
    )


@given(
    url=urls,
    identifier=st.text(min_size=1, max_size=40),
    secret=st.text(min_size=1, max_size=40),
    timestamp=st.integers(min_value=0, max_value=10**11),
)
def test_the_url_stays_as_it_is_and_the_signature_comes_last(
    url: str, identifier: str, secret: str, timestamp: int
) -> None:
    signed = sign_url(url, identifier=identifier, secret=secret, timestamp=timestamp)

    unsigned, _, signature = signed.rpartition("&authSignature=")
    joint = "&" if "?" in url else "?"
    named = quote(identifier, safe="")
    assert unsigned == f"{url}{joint}identifier={named}&timestamp={timestamp}"
    wanted = hmac.new(secret.encode(), unsigned.encode(), hashlib.sha1).hexdigest()
    assert signature == wanted == wanted.lower()
    assert len(signature) == 40


@given(url=urls, other=urls, timestamp=st.integers(min_value=0, max_value=10**11))
def test_another_url_secret_or_moment_has_another_signature(
    url: str, other: str, timestamp: int
) -> None:
    def signature(url: str, *, secret: str = SECRET, timestamp: int = timestamp) -> str:
        signed = sign_url(url, identifier=IDENTIFIER, secret=secret, timestamp=timestamp)
        return signed.rpartition("=")[2]

    assert (signature(url) == signature(other)) == (url == other)
    assert signature(url) != signature(url, secret="another-test-secret")
    assert signature(url) != signature(url, timestamp=timestamp + 1)
    assert signature(url) != signature("http" + url.removeprefix("https"))


def test_a_fragment_is_refused_because_it_would_not_travel() -> None:
    with pytest.raises(ValueError, match="fragment"):
        sign_url("https://a.example.test/v2#x", identifier="i", secret="s", timestamp=1)
