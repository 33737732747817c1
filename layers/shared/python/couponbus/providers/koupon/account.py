"""An account at Koupon: its URL, its secret, and how its documentation is interpreted."""

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

import requests

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.providers.http.base_url import host_of
from couponbus.providers.koupon.dates import DateStyle

OFFER_IDS_MAX = 50
REST_SECONDS = 172_800.0
_EXAMPLE = "https://consumer.kouponmedia.com"


class AdultOffers(StrEnum):
    """Whether offers of adult brands may leave the client at all."""

    WITHHELD = "withheld"
    FOR_AUTHENTICATED = "for_authenticated"


@dataclass(frozen=True, slots=True, kw_only=True)
class KouponAccount:
    """Settings of one account; the defaults decide where Koupon's documentation is silent.

    `timezone` is the zone of dates without one, `ids_per_call` bounds a list of offers in one
    URL, and a clock skew beyond `skew_seconds` explains a refusal. No watch waits longer than
    `max_interval_seconds` for a poll; a day of `calls_per_day` is one of UTC.
    """

    name: str
    base_url: str
    secret_id: str
    timezone: str = "America/Chicago"
    date_style: DateStyle = DateStyle.MONTH_DAY_YEAR
    ids_per_call: int = OFFER_IDS_MAX
    calls_per_second: float = 3.0
    calls_per_day: int | None = None
    max_interval_seconds: float = REST_SECONDS
    skew_seconds: float = 300.0
    adult_offers: AdultOffers = AdultOffers.WITHHELD

    def __post_init__(self) -> None:
        """Raise ConfigurationInvalid for settings that would fail at each call."""
        _check_address(self.base_url)
        zone_of(self.timezone)
        if not 1 <= self.ids_per_call <= OFFER_IDS_MAX:
            raise ConfigurationInvalid(f"ids_per_call: it must be 1 to {OFFER_IDS_MAX}")

    @property
    def zone(self) -> ZoneInfo:
        """The zone of dates without one."""
        return zone_of(self.timezone)


def zone_of(name: str) -> ZoneInfo:
    """Return the zone of an IANA name. Raises ConfigurationInvalid."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigurationInvalid("timezone: it is not a name such as America/Chicago") from None


def _check_address(base_url: str) -> None:
    host_of(base_url, example=_EXAMPLE)
    # The URL must be sent as it was signed: the library would rewrite any other spelling.
    plain = base_url.rstrip("/")
    if requests.Request("GET", f"{plain}/v2").prepare().url != f"{plain}/v2":
        raise ConfigurationInvalid(
            "base_url: it must be spelt as it is sent, in lower case and without spaces or dots "
            f"between slashes, such as {_EXAMPLE}"
        )
