"""Which URLs an endpoint may have, and what is said about the others."""

from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st
from urllib3.util import parse_url

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.providers.webhooks.addresses import Policy
from couponbus.providers.webhooks.target import EXAMPLES, URL_MAX, endpoint_url
from tests.unit.providers.webhooks.urls import ACCEPTED, LOCAL_ACCEPTED, LOCAL_REFUSED, REFUSED

TOKEN = "token-not-real"


@pytest.mark.parametrize(("url", "kept", "reason"), ACCEPTED)
def test_a_public_name_is_accepted_and_kept_in_one_spelling(
    url: str, kept: str | None, reason: str
) -> None:
    assert endpoint_url(url, policy=Policy.PUBLIC) == (kept or url), reason


@pytest.mark.parametrize(("url", "said", "reason"), REFUSED)
def test_anything_else_is_refused_with_a_sentence_that_helps(
    url: str, said: str, reason: str
) -> None:
    with pytest.raises(ConfigurationInvalid) as raised:
        endpoint_url(url, policy=Policy.PUBLIC)

    assert said in str(raised.value), reason


@pytest.mark.parametrize(("url", "kept"), LOCAL_ACCEPTED)
def test_on_a_laptop_this_machine_is_accepted(url: str, kept: str) -> None:
    assert endpoint_url(url, policy=Policy.LOCAL) == kept


@pytest.mark.parametrize(("url", "said"), LOCAL_REFUSED)
def test_on_a_laptop_other_addresses_are_refused(url: str, said: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=r"^url: it ") as raised:
        endpoint_url(url, policy=Policy.LOCAL)

    assert said in str(raised.value)


@pytest.mark.parametrize("policy", list(Policy))
def test_the_example_that_is_shown_is_accepted(policy: Policy) -> None:
    assert endpoint_url(EXAMPLES[policy], policy=policy) == EXAMPLES[policy]


@pytest.mark.parametrize(("url", "said", "reason"), REFUSED)
def test_a_refusal_repeats_nothing_that_may_be_a_token(url: str, said: str, reason: str) -> None:
    with pytest.raises(ConfigurationInvalid) as raised:
        endpoint_url(f"{url}{TOKEN}"[-URL_MAX:], policy=Policy.PUBLIC)

    assert TOKEN not in str(raised.value)
    assert raised.value.__cause__ is None


beginnings = st.sampled_from(["https://", "https://example.com", "https://a.b.example.com/"])
# What is legal after a host, and what some parsers take for a part of it.
legal = st.lists(
    st.sampled_from(
        [
            *("/", "?", "//", "/./", "/../", "..", ".com", ":443", ":", "@", "@127.0.0.1", ";"),
            *("%2e", "%7E", "%2F", "%40", "=", "&", "a", "xn--", "https://", "\u00fc", "!$'()*+,"),
        ]
    ),
    max_size=8,
).map("".join)
near_a_url = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *("https://", "http://", "example.com", "127.0.0.1", "localhost", "[::1]", ":443"),
                *("/", "?", "#", "@", ":", "\\", "%", "%2e", ".", "..", ";", "xn--", "\u3002"),
                *("/./", "/../", "//", "%7e", "\uff0f", "\u2100", "0x7f", "[", "]", "a", "&", "="),
            ]
        ),
        st.characters(),
    ),
    max_size=8,
).map("".join)


@given(st.tuples(beginnings, legal).map("".join))
@example("https://example.com/%7e/a/../b%2f")
@example("https://example.com?@127.0.0.1/")
@example("https://example.com//127.0.0.1")
def test_what_is_accepted_leads_every_parser_to_the_same_host(url: str) -> None:
    try:
        kept = endpoint_url(url, policy=Policy.PUBLIC)
    except ConfigurationInvalid:
        return

    sent = requests.Request("POST", kept).prepare()
    assert sent.url is not None
    host = kept.removeprefix("https://").partition("/")[0].partition("?")[0]
    for seen in (urlsplit(kept), urlsplit(sent.url), parse_url(kept), parse_url(sent.url)):
        assert (seen.scheme, seen.hostname, seen.port) == ("https", host, None)
    assert sent.path_url.startswith("/")
    assert endpoint_url(kept, policy=Policy.PUBLIC) == kept


@given(near_a_url, st.sampled_from(Policy))
def test_whatever_is_given_it_is_accepted_or_refused(url: str, policy: Policy) -> None:
    try:
        kept = endpoint_url(url, policy=policy)
    except ConfigurationInvalid as refused:
        assert str(refused).startswith("url: it ")
    else:
        assert endpoint_url(kept, policy=policy) == kept
