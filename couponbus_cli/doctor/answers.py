"""What a stage, its account and its providers answer, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from couponbus_cli.app.table_settings import TableSettings
from couponbus_cli.app.triggers import Part, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account that the credentials are of; `ahead` is this machine's clock against AWS's."""

    number: str
    region: str
    ahead: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedStacks:
    """The status of each stack by its short name, and what the stage was deployed with.

    `paused` is None where the deployment does not say it.
    """

    statuses: Mapping[str, str]
    paused: frozenset[Part] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrency:
    """How many invocations the account may run at once, and what no function has reserved.

    `ours` is what functions of the stage have reserved for themselves.
    """

    limit: int
    unreserved: int
    ours: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSecret:
    """A secret without its value; `versions` are those with a label: one if it never changed."""

    name: str
    versions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscriber of the alarms, without its address."""

    protocol: str
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderHost:
    """An account of a provider and its URL."""

    account: str
    url: str


class Answers(Protocol):
    """Questions that change nothing; each raises ClientError, BotoCoreError or Failed."""

    def account(self) -> Account:
        """Return the account, and ask AWS for the time."""
        ...

    def bootstrap_version(self, qualifier: str) -> int | None:
        """Return the version of the CDK's bootstrap stack, None where there is none."""
        ...

    def stacks(self) -> DeployedStacks:
        """Return the stacks of the stage; none before its first deployment."""
        ...

    def concurrency(self) -> Concurrency:
        """Return the limits of Lambda."""
        ...

    def quota(self, service: str, code: str) -> float:
        """Return the value of a quota."""
        ...

    def secrets(self) -> Sequence[StoredSecret]:
        """Return the secrets of the stage."""
        ...

    def subscriptions(self) -> Sequence[Subscription] | None:
        """Return the subscribers of the alarms, None where there is no topic."""
        ...

    def table(self) -> TableSettings | None:
        """Return the settings of the ledger, None where there is no table."""
        ...

    def triggers(self) -> Sequence[Trigger]:
        """Return the triggers of the workers."""
        ...

    def hosts(self) -> Sequence[ProviderHost]:
        """Return the URLs of the accounts that the stage is deployed with."""
        ...

    def reached(self, url: str) -> str | None:
        """GET a URL without a key; return None for any answer, else why there is none."""
        ...
