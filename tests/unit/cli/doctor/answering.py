"""A deployed stage, its account and its providers, as a test sets them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from couponbus_cli.app.table_settings import TableSettings
from couponbus_cli.app.triggers import STREAM, Trigger
from couponbus_cli.doctor.answers import (
    Account,
    Concurrency,
    DeployedStacks,
    ProviderHost,
    StoredSecret,
    Subscription,
)
from couponbus_config.names import STACKS

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/couponbus-prod/stream/2026"
WELL = TableSettings(stream=ARN, ttl=True, recovery=True, protection=True)


def a_trigger(source: str, *, state: str = "Enabled", concurrency: int = 5) -> Trigger:
    return Trigger(
        uuid=source,
        worker="a_worker",
        source=source,
        state=state,
        arn=ARN if source == STREAM else f"arn:of:{source}",
        concurrency=concurrency,
    )


TRIGGERS = tuple(a_trigger(each) for each in ("signups", "polls", "deliveries", STREAM))
ROOMY = Concurrency(limit=1000, unreserved=1000)
DEPLOYED = dict.fromkeys(STACKS, "UPDATE_COMPLETE")


@dataclass(slots=True)
class FakeAnswers:
    """All is well; `fails` has what is raised in the place of an answer, by the question."""

    ahead: timedelta | None = timedelta(0)
    version: int | None = 30
    stacked: DeployedStacks = field(
        default_factory=lambda: DeployedStacks(statuses=DEPLOYED, paused=frozenset())
    )
    limits: Concurrency = ROOMY
    quotas: Mapping[str, float] = field(default_factory=dict)
    stored: Sequence[StoredSecret] = (
        StoredSecret(name="coniq/main", versions=2),
        StoredSecret(name="pepper", versions=1),
    )
    subscribed: Sequence[Subscription] | None = (Subscription(protocol="email", confirmed=True),)
    settings: TableSettings | None = WELL
    mapped: Sequence[Trigger] = TRIGGERS
    silent: Mapping[str, str] = field(default_factory=dict)
    fails: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def account(self) -> Account:
        self._ask("account")
        return Account(number="123456789012", region="eu-west-1", ahead=self.ahead)

    def bootstrap_version(self, qualifier: str) -> int | None:
        self._ask(f"bootstrap {qualifier}")
        return self.version

    def stacks(self) -> DeployedStacks:
        self._ask("stacks")
        return self.stacked

    def concurrency(self) -> Concurrency:
        self._ask("concurrency")
        return self.limits

    def quota(self, service: str, code: str) -> float:
        self._ask("quota")
        return self.quotas.get(service, 40_000.0)

    def secrets(self) -> Sequence[StoredSecret]:
        self._ask("secrets")
        return self.stored

    def subscriptions(self) -> Sequence[Subscription] | None:
        self._ask("subscriptions")
        return self.subscribed

    def table(self) -> TableSettings | None:
        self._ask("table")
        return self.settings

    def triggers(self) -> Sequence[Trigger]:
        self._ask("triggers")
        return self.mapped

    def hosts(self) -> Sequence[ProviderHost]:
        self._ask("hosts")
        return [
            ProviderHost(account=f"coniq {name}", url="https://api.example.com")
            for name in ("main", "second")
        ]

    def reached(self, url: str) -> str | None:
        self._ask(url)
        return self.silent.get(url)

    def _ask(self, question: str) -> None:
        self.asked.append(question)
        if question in self.fails:
            raise self.fails[question]


def nothing_deployed() -> FakeAnswers:
    """Return an account before its first deployment."""
    return FakeAnswers(
        stacked=DeployedStacks(statuses={}, paused=None),
        stored=(),
        subscribed=None,
        settings=None,
        mapped=(),
    )
