"""How the schedule of polls is put together; ports in, use case out."""

from collections.abc import Mapping, Sequence

from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.provider import Provider
from couponbus.ports.polling import Cohorts
from couponbus.ports.shared import Commands, RateLimiter
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.polling.schedule_polls import BudgetNotices, SchedulePolls


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
