"""What an account may be configured to."""

from collections.abc import Callable

import pytest

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.providers.koupon.account import AdultOffers, KouponAccount


def account(**fields: object) -> KouponAccount:
    make: Callable[..., KouponAccount] = KouponAccount
    defaults = {"name": "main", "base_url": "https://a.example.test", "secret_id": "secret"}
    return make(**{**defaults, **fields})


def test_the_defaults_are_the_ones_that_the_record_suggests() -> None:
    made = account()

    assert (made.timezone, made.ids_per_call, made.skew_seconds) == ("America/Chicago", 50, 300)
    assert made.adult_offers is AdultOffers.WITHHELD
    assert made.zone.key == "America/Chicago"


@pytest.mark.parametrize(
    "url",
    [
        "https://consumer.kouponmedia.com",
        "https://consumer.kouponmedia.com/",
        "https://gate.example.test:8443/koupon",
        "http://127.0.0.1:8080",
    ],
)
def test_an_address_that_leaves_as_it_is_spelt_is_fine(url: str) -> None:
    assert account(base_url=url).base_url == url


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"base_url": "http://consumer.kouponmedia.com"}, "https://"),
        ({"base_url": "consumer.kouponmedia.com"}, "not a URL such as"),
        ({"base_url": "https://key@a.example.test"}, "user or a password"),
        ({"base_url": "https://a.example.test/?x=1"}, "end with the path"),
        ({"base_url": "https://A.example.test"}, "as it is sent"),
        ({"base_url": "https://a.example.test/x/../y"}, "as it is sent"),
        ({"base_url": "https://a.example.test/%7Ex"}, "as it is sent"),
        ({"base_url": " https://a.example.test"}, "as it is sent"),
        ({"timezone": "Chicago"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"ids_per_call": 0}, "ids_per_call"),
        ({"ids_per_call": 51}, "ids_per_call"),
    ],
)
def test_what_would_fail_later_fails_at_once(fields: dict[str, object], advice: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=advice):
        account(**fields)
