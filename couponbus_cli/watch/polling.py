"""The polling state of a stage: accounts, pauses, throttles and cohort sizes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.next_poll import ThrottleHistory
from couponbus.domain.polling.pause import Pause, broken_pause, pause_key
from couponbus.domain.polling.schedule import SCHEDULE_KEY, PollSchedule, Throttle
from couponbus.domain.polling.watch import Watch
from couponbus.domain.provider import Provider
from couponbus_cli.app.unreadable import report_unreadable
from couponbus_cli.app.world import World

type AccountKey = tuple[Provider, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """`schedule` is None before the first tick; `sizes` are those of the cohorts by key."""

    accounts: Mapping[AccountKey, PollAccount] = field(default_factory=dict)
    pauses: Mapping[AccountKey, Pause] = field(default_factory=dict)
    schedule: PollSchedule | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)

    def throttle(self, account: PollAccount) -> Throttle | None:
        """Return the throttle of an account, None if it never had one."""
        if self.schedule is None:
            return None
        return self.schedule.throttle(account.provider, account.name)

    def course(self, watch: Watch) -> ThrottleHistory | None:
        """Return how a watch is polled, None if its account is not deployed."""
        account = self.accounts.get((watch.provider, watch.account))
        if account is None:
            return None
        free = Throttle(
            provider=watch.provider, account=watch.account, level=0, since=watch.started_at
        )
        return ThrottleHistory(
            throttle=self.throttle(account) or free,
            max_interval_seconds=account.max_interval_seconds,
            sizes=self.sizes,
        )

    def pause(self, watch: Watch) -> Pause | None:
        """Return the pause that holds a watch, if any does."""
        pause = self.pauses.get((watch.provider, watch.account))
        return pause if pause is not None and pause.holds(watch.promotion) else None


def polling_of(world: World) -> Polling:
    """Read accounts, pauses and schedule of a stage."""
    accounts = {(each.provider, each.name): each for each in world.deployment.polled()}
    keys = {pause_key(*account): account for account in accounts}
    rows = world.rows.read([*keys, SCHEDULE_KEY])
    schedule = rows.get(SCHEDULE_KEY)
    broken = [keys[key] for key in rows.broken if key in keys]
    return Polling(
        accounts=accounts,
        pauses={
            **{keys[row.key]: row for row in rows.values() if isinstance(row, Pause)},
            # As the workers take it: what cannot be read is not absent.
            **{account: broken_pause(*account) for account in broken},
        },
        schedule=schedule if isinstance(schedule, PollSchedule) else None,
    )


def forecast_of(world: World) -> Polling:
    """Read also the sizes of the cohorts, from which the next polls are computed.

    Reports unreadable cohorts on stderr: polls of their watches do not happen as computed.
    """
    sizes = world.cohorts.sizes()
    report_unreadable("cohorts, whose watches are polled only when they end", sizes.broken)
    known = {size.cohort.key: size.watches for size in sizes.readable}
    return replace(polling_of(world), sizes=known)
