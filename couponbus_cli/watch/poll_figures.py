"""The polling figures of `couponbus status`: the watermark, and the budget of each account."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from couponbus.domain.inbound.ignored_callbacks import IgnoredCallbacks
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.cohort import CohortKind, CohortSize
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import Pace, spent
from couponbus_cli.app.formatting import HOUR, duration
from couponbus_cli.app.world import World
from couponbus_cli.watch.polling import AccountKey, polling_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The watches of an account beside those that its budget carries; `added` come to them now."""

    account: PollAccount
    watched: int
    added: int = 0

    @property
    def is_too_much(self) -> bool:
        """Whether some would rest for longer than the account's longest interval."""
        return self.watched + self.added > self.account.carries

    @property
    def subject(self) -> str:
        """What is said of the account first."""
        rest = duration(timedelta(seconds=self.account.max_interval_seconds))
        return (
            f"{self.account.provider} {self.account.name}: the call budget carries"
            f" {self.account.carries:,} watches at a rest of {rest}"
        )

    @property
    def warning(self) -> str:
        """What an operator should know before watches are added."""
        takes = duration(self.account.first_polls_take(self.added))
        return (
            f"{self.subject}, and {self.watched + self.added:,} would be watched"
            f" ({self.watched:,} are now): they rest for longer, and the first polls of the new"
            f" ones take {takes} or more. Raise {self._limit} or max_interval_hours, or add fewer"
        )

    @property
    def need(self) -> str:
        """What an operator should know while too much is watched."""
        return (
            f"{self.subject}, and {self.watched:,} are watched, so they rest for longer: raise"
            f" {self._limit} or max_interval_hours"
        )

    @property
    def _limit(self) -> str:
        return "calls_per_second" if self.account.calls_per_day is None else "calls_per_day"


def watched_of(cohorts: Iterable[CohortSize]) -> Counter[AccountKey]:
    """Return about how many watches each account has after their first polls."""
    found: Counter[AccountKey] = Counter()
    for size in _by_age(cohorts):
        found[_account_of(size)] += size.watches
    return found


def loads_of(world: World, added: Mapping[AccountKey, int]) -> list[Load]:
    """Return the loads of the deployed accounts to which watches are added."""
    accounts = {account.key: account for account in world.deployment.polled()}
    watched = watched_of(world.cohorts.sizes().readable)
    return [
        Load(account=accounts[key], watched=watched[key], added=number)
        for key, number in added.items()
        if key in accounts
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """`level` is the throttle level, 0 for none; a `reason` means that the account is paused.

    `watched_since` is when the hour ended in which the oldest of its watches began.
    """

    provider: Provider
    name: str
    level: int
    pace: Pace
    spent: int
    calls_per_day: int | None
    calls_per_second: float
    reason: str | None
    promotions: Sequence[str]
    load: Load
    watched_since: datetime | None
    ignored: IgnoredCallbacks | None

    @property
    def left(self) -> int | None:
        """The calls that are left until midnight (UTC), None without a daily limit."""
        return None if self.calls_per_day is None else max(self.calls_per_day - self.spent, 0)

    def data(self) -> Mapping[str, object]:
        """Return it with stable keys."""
        return {
            "provider": self.provider.value,
            "account": self.name,
            "level": self.level,
            "calls_today": self.spent,
            "calls_per_day": self.calls_per_day,
            "calls_left": self.left,
            "calls_per_second": self.calls_per_second,
            "watched": self.load.watched,
            "carries": self.load.account.carries,
            "paused": self.reason,
            "paused_promotions": [*self.promotions],
            "ignored_callbacks": self.ignored and _data_of(self.ignored),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PollFigures:
    """Polls are planned until `done_until`, None before the first tick."""

    done_until: datetime | None
    accounts: Sequence[AccountFigures]


def poll_figures(world: World) -> PollFigures:
    """Read the calls and the throttle level of each account."""
    now = world.clock.now()
    polling, cohorts = polling_of(world), world.cohorts.sizes().readable
    watched, since = watched_of(cohorts), _watched_since(cohorts)
    accounts = []
    for key, account in polling.accounts.items():
        throttle, pause = polling.throttle(account), polling.pauses.get(key)
        pace = world.limiters[account.provider].pace(account.name)
        accounts.append(
            AccountFigures(
                provider=account.provider,
                name=account.name,
                level=0 if throttle is None else throttle.level,
                pace=pace,
                spent=spent(pace, now=now.timestamp()),
                calls_per_day=account.calls_per_day,
                calls_per_second=account.calls_per_second,
                reason=None if pause is None else pause.reason,
                promotions=() if pause is None else pause.promotions,
                load=Load(account=account, watched=watched[key]),
                watched_since=since.get(key),
                ignored=_ignored_callbacks(account, world),
            )
        )
    schedule = polling.schedule
    return PollFigures(
        done_until=None if schedule is None else schedule.done_until, accounts=accounts
    )


def _watched_since(cohorts: Iterable[CohortSize]) -> Mapping[AccountKey, datetime]:
    hours: dict[AccountKey, int] = {}
    for size in _by_age(cohorts):
        account, hour = _account_of(size), size.cohort.hour
        hours[account] = min(hour, hours.get(account, hour))
    return {
        account: datetime.fromtimestamp((hour + 1) * HOUR, tz=UTC)
        for account, hour in hours.items()
    }


def _by_age(cohorts: Iterable[CohortSize]) -> Iterator[CohortSize]:
    return (size for size in cohorts if size.cohort.kind is CohortKind.AGE)


def _account_of(size: CohortSize) -> AccountKey:
    return size.cohort.group.provider, size.cohort.group.account


def _ignored_callbacks(account: PollAccount, world: World) -> IgnoredCallbacks | None:
    """Return those of an account; only Uniqodo sends any."""
    return world.callbacks.recent(account.name) if account.provider is Provider.UNIQODO else None


def _data_of(ignored: IgnoredCallbacks) -> Mapping[str, object]:
    numbers = {reason.value: number for reason, number in ignored.numbers.items()}
    return {**numbers, "last_at": ignored.last_at.isoformat()}
