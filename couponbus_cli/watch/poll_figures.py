"""The polling figures of `couponbus status`: the watermark, and the budget of each account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.table import Table

from couponbus.domain.provider import Provider
from couponbus_cli.app.world import World
from couponbus_cli.watch.polling import polling_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """`level` is the throttle level, 0 for none; a `reason` means that the account is paused."""

    provider: Provider
    name: str
    level: int
    spent: int
    calls_per_day: int | None
    calls_per_second: float
    reason: str | None
    promotions: Sequence[str]

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
            "paused": self.reason,
            "paused_promotions": [*self.promotions],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PollFigures:
    """Polls are planned until `done_until`, None before the first tick."""

    done_until: datetime | None
    accounts: Sequence[AccountFigures]

    def data(self, now: datetime) -> Mapping[str, object]:
        """Return it with stable keys."""
        done = self.done_until
        return {
            "done_until": done and done.isoformat(),
            "lag_seconds": None if done is None else max((now - done).total_seconds(), 0.0),
            "accounts": [account.data() for account in self.accounts],
        }


def poll_figures(world: World) -> PollFigures:
    """Read the calls and the throttle level of each account."""
    polling = polling_of(world)
    accounts = []
    for key, account in polling.accounts.items():
        throttle, pause = polling.throttle(account), polling.pauses.get(key)
        accounts.append(
            AccountFigures(
                provider=account.provider,
                name=account.name,
                level=0 if throttle is None else throttle.level,
                spent=world.limiters[account.provider].spent(account.name),
                calls_per_day=account.calls_per_day,
                calls_per_second=account.calls_per_second,
                reason=None if pause is None else pause.reason,
                promotions=() if pause is None else pause.promotions,
            )
        )
    schedule = polling.schedule
    return PollFigures(
        done_until=None if schedule is None else schedule.done_until, accounts=accounts
    )


def table_of(figures: PollFigures) -> Table:
    """Return a line for each account."""
    table = Table("polled", "throttled", "calls today", "left", "a second", "paused")
    for column in table.columns[1:5]:
        column.justify = "right"
    for account in figures.accounts:
        table.add_row(
            f"{account.provider} {account.name}",
            f"level {account.level}" if account.level else "-",
            f"{account.spent:,}",
            "no limit" if account.left is None else f"{account.left:,}",
            f"{account.calls_per_second:g}",
            _paused(account),
        )
    return table


def _paused(account: AccountFigures) -> str:
    if account.reason is not None:
        return account.reason
    return f"promotions: {len(account.promotions)}" if account.promotions else "-"
