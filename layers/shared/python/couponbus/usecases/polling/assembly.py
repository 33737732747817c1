"""How the poller is put together; ports in, use case out."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.provider import Provider
from couponbus.ports.issuing import Programs
from couponbus.ports.polling import Cohorts, Redemptions
from couponbus.ports.shared import Executor, Pseudonyms, Quarantine, RateLimiter
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.polling.fetch import SnapshotFetcher
from couponbus.usecases.polling.pauses import Pausing
from couponbus.usecases.polling.poll_redemptions import PollRedemptions
from couponbus.usecases.polling.record import SnapshotRecorder
from couponbus.usecases.polling.stock_levels import StockLevels
from couponbus.usecases.quarantine import InvalidMessages

if TYPE_CHECKING:
    from couponbus.usecases.polling.watch_commands import WatchRequests


def poll_redemptions(  # noqa: PLR0913 - one port each
    base: Foundation,
    *,
    redemptions: Redemptions,
    cohorts: Cohorts,
    programs: Callable[[], Programs],
    limiters: Mapping[Provider, RateLimiter],
    accounts: Sequence[PollAccount],
    quarantine: Quarantine,
    pseudonyms: Pseudonyms,
    executor: Executor,
) -> PollRedemptions:
    """Return the poller; `programs` is called for the first command on watches."""
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

    @cache
    def requests() -> "WatchRequests":
        from couponbus.usecases.polling.start_watches import Watching  # noqa: PLC0415
        from couponbus.usecases.polling.watch_commands import WatchRequests  # noqa: PLC0415

        return WatchRequests(
            store=store,
            cohorts=cohorts,
            programs=programs(),
            pseudonyms=pseudonyms,
            watching=Watching(store=store, pseudonyms=pseudonyms, clock=clock, timing=timing),
            clock=clock,
            timing=timing,
        )

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
        requests=requests,
        invalid_messages=InvalidMessages(store=store, queue=quarantine, clock=clock, timing=timing),
        clock=clock,
    )
