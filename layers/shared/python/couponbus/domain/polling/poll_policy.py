"""What a program sets for polling: intervals by age, a horizon, a filter, the notice of an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.identity import digest
from couponbus.domain.provider import Provider

GROUP_LENGTH = 10
MINUTE, DAY = 60, 86_400
USED_UP_GRACE = 30 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPolicy:
    """A watch is polled again after `share_permille` of its age, bounded by floor and cap.

    It ends when the horizon has passed. All durations are in seconds.
    """

    share_permille: int = 100
    floor_seconds: int = 5 * MINUTE
    cap_seconds: int = 12 * 60 * MINUTE
    horizon_seconds: int = 90 * DAY

    def __post_init__(self) -> None:
        """Raise ConfigurationInvalid for bounds that are out of range or out of order."""
        if not 1 <= self.share_permille <= 1000:  # noqa: PLR2004 - a share is at most one
            raise ConfigurationInvalid("poll_policy: the share of the age must be 0.1 % to 100 %")
        if not MINUTE <= self.floor_seconds <= self.cap_seconds:
            raise ConfigurationInvalid("poll_policy: the floor must be a minute to the cap")
        if not self.cap_seconds <= self.horizon_seconds <= 366 * DAY:
            raise ConfigurationInvalid("poll_policy: the horizon must be the cap to 366 days")


def used_up_policy(*, grace_seconds: int) -> PollPolicy:
    """Poll once a day: what may follow the last use is a correction, or that it is taken back."""
    return PollPolicy(
        share_permille=1000,
        floor_seconds=DAY,
        cap_seconds=DAY,
        horizon_seconds=max(grace_seconds, DAY),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """Which offers of a Koupon consumer are listed; the names are Koupon's.

    A field that is left out does not restrict. `storeid` is in order, so that equal ones are equal.
    """

    channel: str | None = None
    digital_property_code: str | None = None
    publishedonly: bool | None = None
    storeid: tuple[str, ...] = ()

    @property
    def texts(self) -> Sequence[str]:
        """Each restriction as it is shown, such as channel=mobile."""
        flag = {True: "yes", False: "no", None: None}[self.publishedonly]
        named = {
            "channel": self.channel,
            "digital_property_code": self.digital_property_code,
            "publishedonly": flag,
            "storeid": ",".join(self.storeid) or None,
        }
        return [f"{name}={value}" for name, value in named.items() if value is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollGroup:
    """Watches that are polled alike, and whose calls count for one account."""

    provider: Provider
    account: str
    poll_policy: PollPolicy
    list_filter: ListFilter | None = None

    @property
    def id(self) -> str:
        """A short name that can be recomputed."""
        return _id_of(self)


@lru_cache(maxsize=256)
def _id_of(group: PollGroup) -> str:
    poll_policy = group.poll_policy
    return digest(
        "group",
        group.provider,
        group.account,
        poll_policy.share_permille,
        poll_policy.floor_seconds,
        poll_policy.cap_seconds,
        poll_policy.horizon_seconds,
        *(group.list_filter.texts if group.list_filter else ()),
    )[:GROUP_LENGTH]


class Customers(StrEnum):
    """What a program says of its customers at a provider. NEW: each sign-up makes the customer."""

    ANY = "any"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRule:
    """What a program has polled for each sign-up: a Uniqodo promotion, or a Koupon consumer.

    After the code's expiry it is polled for `grace_seconds` more, and once a day for
    `used_up_grace_seconds` after the last use that the code allows; `warn_days` before the expiry,
    the customer's code is announced as expiring (None: it is not). Where the `customers` are new,
    what the first poll shows was redeemed since the sign-up.
    """

    provider: Provider
    account: str
    promotion: str | None
    poll_policy: PollPolicy
    grace_seconds: int
    warn_days: int | None
    used_up_grace_seconds: int = USED_UP_GRACE
    list_filter: ListFilter | None = None
    customers: Customers = Customers.ANY

    @property
    def group(self) -> PollGroup:
        """The group of watches with which it is polled."""
        return PollGroup(
            provider=self.provider,
            account=self.account,
            poll_policy=self.poll_policy,
            list_filter=self.list_filter,
        )
