"""An account at Uniqodo: its URL, its secret, and how its responses are interpreted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.polling.redemption import ProblemKind
from couponbus.providers.http.base_url import host_of

BASE_URL = "https://api.uniqodo.com"
ZONE = "Europe/London"
REST_SECONDS = 172_800.0
KNOWN_ERRORS: Mapping[int, ProblemKind] = MappingProxyType(
    {201: ProblemKind.REDEEMED, 204: ProblemKind.UNRECOGNISED, 209: ProblemKind.RULE}
)


class Prefix(StrEnum):
    """The first segment of the path: Uniqodo documents both for the same request."""

    PUBLISHER = "publisher"
    DISTRIBUTOR = "distributor"


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqodoAccount:
    """Settings of one account; `secret_id` names the secret, it is never the key itself.

    `zone` is for times without an offset, `error_kinds` maps error codes to their meaning. No watch
    waits longer than `max_interval_seconds` for a poll; a day of `calls_per_day` is one of UTC.
    """

    name: str
    secret_id: str
    base_url: str = BASE_URL
    prefix: Prefix = Prefix.PUBLISHER
    zone: str = ZONE
    error_kinds: Mapping[int, ProblemKind] = field(default_factory=lambda: KNOWN_ERRORS)
    calls_per_second: float = 2.0
    calls_per_day: int | None = None
    max_interval_seconds: float = REST_SECONDS


def checked_zone(account: UniqodoAccount) -> ZoneInfo:
    """Return the account's zone. Raises ConfigurationInvalid, also for an unsafe base URL."""
    host_of(account.base_url, example=BASE_URL)
    try:
        return ZoneInfo(account.zone)
    except (LookupError, ValueError, OSError):
        raise ConfigurationInvalid(f"zone: there is no {account.zone!r}") from None
