"""The real schedule beside a uniform interval that costs the same calls, on one population."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean, median

from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.poll_policy import PollGroup, PollPolicy
from couponbus.domain.provider import Provider
from tests.benchmarks.polling.populations import (
    DAY,
    GRACE,
    HOUR,
    START,
    Group,
    Profile,
    moment,
    population,
)
from tests.benchmarks.polling.schedule_run import Followed, Outcome, ScheduleRun
from tests.benchmarks.polling.uniform import at_any_phase, at_equal_calls

LIFE = 32  # days until all who signed up in the measured time are over
CAMPAIGN_DAY, CAMPAIGN_SHARE = 6, 0.2
STEADY = PollPolicy(share_permille=1000, floor_seconds=12 * 3600, cap_seconds=12 * 3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is compared: customers, calls per watch and day, longest interval of a watch.

    With a `campaign` a fifth as many customers sign up within one hour in addition.
    """

    profile: Profile
    calls: float = 1.5
    max_interval_hours: int = 72
    poll_policy: PollPolicy
    campaign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """From a redemption to the first poll that shows it, in hours."""

    middle: float
    p95: float
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`loose` is the uniform design with a phase of its own for each watch."""

    setting: Setting
    ours: Delays
    uniform: Delays
    loose: Delays
    interval_hours: float
    fullest_day: float
    longest_rest_hours: float
    redemptions: int

    @property
    def middle(self) -> float:
        """Return the real median delay as a share of the uniform one."""
        return self.ours.middle / self.uniform.middle

    @property
    def p95(self) -> float:
        """Return the real 95th percentile as a share of the uniform one."""
        return self.ours.p95 / self.uniform.p95


def compare(setting: Setting, *, days: int, per_group: int, seed: int) -> Comparison:
    """Run both; the customers who sign up in the first `days` are measured."""
    crowd = list(
        population(
            setting.profile, days=range(1 - LIFE, days + LIFE), per_group=per_group, seed=seed
        )
    )
    account = _account(setting, crowd)
    if setting.campaign:
        crowd += _campaign(setting.profile, crowd, seed=seed)
    group = PollGroup(
        provider=account.provider, account=account.name, poll_policy=setting.poll_policy
    )
    outcome = ScheduleRun(account=account, poll_group=group).run(crowd, days=days + LIFE)
    measured = [one for one in outcome.groups if one.group.begun < START + days * DAY]
    return _compared(setting, account, outcome, measured, days=days)


def _compared(
    setting: Setting,
    account: PollAccount,
    outcome: Outcome,
    measured: Sequence[Followed],
    *,
    days: int,
) -> Comparison:
    groups = [one.group for one in measured]
    calls = sum(one.calls for one in measured)
    uniform = at_equal_calls(groups, calls=calls)
    delays = [delay for one in measured for delay in one.delays]
    limiter = account.calls_per_day or 0
    used = [outcome.calls[day] / limiter for day in range(days + LIFE - 1)]
    return Comparison(
        setting=setting,
        ours=_delays(delays),
        uniform=_delays(uniform.delays),
        loose=_delays(at_any_phase(uniform.interval, groups)),
        interval_hours=uniform.interval / HOUR,
        fullest_day=max(used),
        longest_rest_hours=max(one.longest_rest for one in outcome.groups) / HOUR,
        redemptions=len(delays),
    )


def _account(setting: Setting, crowd: Sequence[Group]) -> PollAccount:
    """Return an account that may poll each watch of the first day as often as the setting says."""
    return PollAccount(
        provider=Provider.UNIQODO,
        name="main",
        calls_per_second=1000.0,
        calls_per_day=math.floor(_alive(crowd) * setting.calls),
        max_interval_seconds=setting.max_interval_hours * 3600.0,
    )


def _alive(crowd: Sequence[Group]) -> int:
    there = (one for one in crowd if one.begun < START < one.expires + GRACE)
    return sum(at is None or at > START for one in there for at in one.redeemed)


def _campaign(profile: Profile, crowd: Sequence[Group], *, seed: int) -> Sequence[Group]:
    hour = START + CAMPAIGN_DAY * DAY + 12 * HOUR
    per_group = round(_alive(crowd) * CAMPAIGN_SHARE / 4)
    return list(moment(profile, hour, per_group=per_group, source=Random(seed)))


def _delays(minutes: Sequence[float]) -> Delays:
    hours = sorted(each / HOUR for each in minutes)
    return Delays(
        middle=median(hours), p95=hours[math.ceil(len(hours) * 0.95) - 1], mean=fmean(hours)
    )
