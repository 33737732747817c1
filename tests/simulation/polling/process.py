"""Processes that poll: use cases wired as in production, over simulated ports."""

from collections.abc import Sequence
from dataclasses import dataclass

from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import Limits
from couponbus.ports.shared import RateLimiter
from couponbus.usecases.polling import assembly as polling_assembly
from couponbus.usecases.polling import schedule_assembly
from couponbus.usecases.polling.poll_redemptions import PollRedemptions
from couponbus.usecases.polling.schedule_polls import SchedulePolls
from tests.simulation.pace import SharedRateLimits, SimulatedRateLimiter
from tests.simulation.polling.cohorts import SimulatedCohorts
from tests.simulation.polling.providers import SimulatedRedemptions
from tests.simulation.polling.threads import SimulatedExecutor
from tests.simulation.ports import CachedPrograms, CachedPseudonyms
from tests.simulation.process import Ground
from tests.simulation.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class PollingGround(Ground):
    """What all polling processes share."""

    accounts: Sequence[PollAccount]
    cohorts: SimulatedCohorts
    redemptions: SimulatedRedemptions
    paces: dict[Provider, SharedRateLimits]
    threads: int

    def scheduler(self) -> SchedulePolls:
        return schedule_assembly.schedule_polls(
            self.base,
            cohorts=self.cohorts,
            polls=self.polls,
            limiters=self._limiters(),
            accounts=self.accounts,
        )

    def poller(self) -> PollRedemptions:
        return polling_assembly.poll_redemptions(
            self.base,
            redemptions=self.redemptions,
            cohorts=self.cohorts,
            programs=lambda: CachedPrograms(self.world, self.programs),
            limiters=self._limiters(),
            accounts=self.accounts,
            quarantine=self.quarantine,
            pseudonyms=CachedPseudonyms(self.world),
            executor=SimulatedExecutor(self.world, threads=self.threads),
        )

    def _limiters(self) -> dict[Provider, RateLimiter]:
        return {
            provider: SimulatedRateLimiter(self.world, pace)
            for provider, pace in self.paces.items()
        }


def paces(world: World, accounts: Sequence[PollAccount]) -> dict[Provider, SharedRateLimits]:
    """Return the rate limiter of each provider's accounts."""
    return {
        provider: SharedRateLimits(
            world,
            provider=provider,
            limits={
                one.name: Limits(
                    calls_per_second=one.calls_per_second, calls_per_day=one.calls_per_day
                )
                for one in accounts
                if one.provider is provider
            },
        )
        for provider in Provider
    }
