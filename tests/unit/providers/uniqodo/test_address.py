"""The address carries key and user whole, and the route shows neither."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.errors import InputRejected, SecretUnavailable
from couponbus.providers.uniqodo.account import Prefix, UniqodoAccount
from couponbus.providers.uniqodo.address import address_of, check_parameters, route_of

PROMOTION = "0f" * 16
ACCOUNT = UniqodoAccount(name="main", secret_id="secret", base_url="http://127.0.0.1:1/")
KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=60)
USERS = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=100).filter(
    str.strip
)


def address(*, key: str = "k", user_id: str = "u", account: UniqodoAccount = ACCOUNT) -> str:
    return address_of(account, key=key, promotion=PROMOTION, user_id=user_id)


def test_reserved_characters_of_a_key_and_of_a_user_are_encoded() -> None:
    text = address(key="ke$p}/key?#%41", user_id="Some+One@Example.com&x=1")

    assert text == (
        "http://127.0.0.1:1/publisher/ke%24p%7D%2Fkey%3F%23%2541/query/user-redemption/"
        f"{PROMOTION}?userId=Some%2BOne%40Example.com%26x%3D1"
    )


@given(key=KEYS.filter(lambda key: key.strip(".") != ""), user_id=USERS)
def test_what_leaves_is_what_was_built_and_means_what_was_meant(key: str, user_id: str) -> None:
    text = address(key=key, user_id=user_id)

    sent = requests.Request("GET", text, params={}).prepare().url
    assert sent == text
    parts = urlsplit(text)
    assert [unquote(part) for part in parts.path.split("/")] == [
        "",
        "publisher",
        key,
        "query",
        "user-redemption",
        PROMOTION,
    ]
    assert parse_qs(parts.query, keep_blank_values=True) == {"userId": [user_id]}


def test_the_prefix_is_a_setting() -> None:
    account = UniqodoAccount(
        name="main",
        secret_id="secret",
        base_url="https://uniqodo.example.test/gate",
        prefix=Prefix.DISTRIBUTOR,
    )

    assert address(account=account).startswith("https://uniqodo.example.test/gate/distributor/k/")
    assert route_of(account) == "GET /distributor/{key}/query/user-redemption/{promotion}"
    assert route_of(ACCOUNT) == "GET /publisher/{key}/query/user-redemption/{promotion}"


@pytest.mark.parametrize("key", ["", ".", "..", "a b", "a\nb", "k\u00e9y", "x" * 513])
def test_a_key_that_no_path_can_carry_is_refused(key: str) -> None:
    with pytest.raises(SecretUnavailable) as refused:
        address(key=key)

    assert str(refused.value) == "the secret is not an API key"


@pytest.mark.parametrize(
    "promotion",
    [
        "",
        "0f" * 15,
        "0f" * 17,
        "0F" * 16,
        "0g" * 16,
        PROMOTION + "\n",
        "00000000-0000-0000-0000-000000000000",
        "../" + "0" * 29,
        "\u0660" * 32,
    ],
)
def test_a_promotion_is_32_hex_digits(promotion: str) -> None:
    with pytest.raises(InputRejected) as refused:
        check_parameters(promotion=promotion, user_id="u")

    assert str(refused.value) == "not_32_hex_digits: promotion"


@pytest.mark.parametrize("user_id", ["", " ", "a\x00b", "a\nb", "\x85", "\ud800", "x" * 321])
def test_a_user_is_a_line_of_text(user_id: str) -> None:
    with pytest.raises(InputRejected) as refused:
        check_parameters(promotion=PROMOTION, user_id=user_id)

    assert str(refused.value) == "not_a_user_id: user_id"


@given(user_id=USERS)
def test_any_other_user_may_be_asked_about(user_id: str) -> None:
    check_parameters(promotion=PROMOTION, user_id=user_id)
    assert address(user_id=user_id).isascii()
