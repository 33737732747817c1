"""What an account may be set to."""

from zoneinfo import ZoneInfo

import pytest

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.polling.redemption import ProblemKind
from couponbus.providers.uniqodo.account import Prefix, UniqodoAccount, checked_zone


def account(**changes: str) -> UniqodoAccount:
    return UniqodoAccount(**{"name": "main", "secret_id": "secret", **changes})  # type: ignore[arg-type]


def test_what_is_left_out_is_as_the_record_suggests() -> None:
    plain = account()

    assert checked_zone(plain) == ZoneInfo("Europe/London")
    assert plain.prefix is Prefix.PUBLISHER
    assert plain.base_url == "https://api.uniqodo.com"
    assert plain.error_kinds == {
        201: ProblemKind.REDEEMED,
        204: ProblemKind.UNRECOGNISED,
        209: ProblemKind.RULE,
    }


def test_the_zone_is_a_setting() -> None:
    assert checked_zone(account(zone="America/Chicago")).key == "America/Chicago"


@pytest.mark.parametrize("zone", ["", "Europe", "Europe/Nowhere", "/etc/passwd", "../x", "a\x00"])
def test_a_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="zone: there is no"):
        checked_zone(account(zone=zone))


@pytest.mark.parametrize(
    "base_url",
    ["", "api.uniqodo.com", "http://api.uniqodo.com", "https://k@api.uniqodo.com", "ftp://x"],
)
def test_an_address_that_does_not_keep_the_key_safe_is_refused(base_url: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="base_url"):
        checked_zone(account(base_url=base_url))
