"""How the steps of polling are put together; ports in, use case out."""

from collections.abc import Mapping, Sequence

from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.provider import Provider
from couponbus.ports.issuing import Programs
from couponbus.ports.polling import Cohorts, Redemptions
from couponbus.ports.shared import Commands, Executor, Pseudonyms, Quarantine, RateLimiter
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.polling.fetch import SnapshotFetcher
from couponbus.usecases.polling.pauses import Pausing
from couponbus.usecases.polling.poll_redemptions import PollRedemptions
from couponbus.usecases.polling.record import SnapshotRecorder
from couponbus.usecases.polling.schedule_polls import BudgetNotices, SchedulePolls
from couponbus.usecases.polling.start_watches import Watching
from couponbus.usecases.polling.stock_levels import StockLevels
from couponbus.usecases.polling.watch_commands import WatchRequests
from couponbus.usecases.quarantine import InvalidMessages


def schedule_polls(
    base: Foundation,
    *,
    cohorts: Cohorts,
    polls: Commands,
    limiters: Mapping[Provider, RateLimiter],
    accounts: Sequence[PollAccount],
) -> SchedulePolls:
    """Return the scheduler of polls."""
    store = base.store
    return SchedulePolls(
        store=store,
        cohorts=cohorts,
        polls=polls,
        limiters=limiters,
        accounts=accounts,
        notices=BudgetNotices(store=store, clock=base.clock, timing=base.timing),
        clock=base.clock,
    )


def poll_redemptions(  # noqa: PLR0913 - one port each
    base: Foundation,
    *,
    redemptions: Redemptions,
    cohorts: Cohorts,
    programs: Programs,
    limiters: Mapping[Provider, RateLimiter],
    accounts: Sequence[PollAccount],
    quarantine: Quarantine,
    pseudonyms: Pseudonyms,
    executor: Executor,
) -> PollRedemptions:
    """Return the poller."""
    store, clock, timing = base.store, base.clock, base.timing
    named = {account.key: account for account in accounts}
    pausing = Pausing(store=store, clock=clock)
    fetcher = SnapshotFetcher(
        redemptions=redemptions,
        limiters=limiters,
        accounts=named,
        pausing=pausing,
        executor=executor,
        clock=clock,
    )
    watching = Watching(store=store, pseudonyms=pseudonyms, clock=clock, timing=timing)
    return PollRedemptions(
        store=store,
        cohorts=cohorts,
        fetcher=fetcher,
        recorder=SnapshotRecorder(
            store=store,
            cohorts=cohorts,
            fetcher=fetcher,
            accounts=named,
            clock=clock,
            timing=timing,
        ),
        stock_levels=StockLevels(store=store, clock=clock, timing=timing),
        pausing=pausing,
        requests=WatchRequests(
            store=store,
            cohorts=cohorts,
            programs=programs,
            pseudonyms=pseudonyms,
            watching=watching,
            clock=clock,
            timing=timing,
        ),
        invalid_messages=InvalidMessages(store=store, queue=quarantine, clock=clock, timing=timing),
        clock=clock,
    )
