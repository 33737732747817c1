"""Polling on fakes, at the real time, because handlers read the real clock."""

from datetime import UTC, datetime, timedelta

from couponbus.usecases.polling import schedule_assembly
from couponbus.usecases.polling.schedule_polls import SchedulePolls
from tests.unit.usecases.polling.polling_world import PollingWorld


class PollingHarness(PollingWorld):
    """A polling world whose watch and first tick were `minutes` ago."""

    def __init__(self, *, minutes: float = 10.0) -> None:
        super().__init__()
        past = timedelta(minutes=minutes)
        self.clock.pass_time((datetime.now(UTC) - past - self.clock.now()).total_seconds())
        self.begin()
        self.tick()
        self.clock.pass_time(past.total_seconds())

    @property
    def schedule_polls(self) -> SchedulePolls:
        return schedule_assembly.schedule_polls(
            self.base,
            cohorts=self.cohorts,
            polls=self.polls,
            limiters=self.limiters,
            accounts=self.accounts,
        )
