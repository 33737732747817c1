"""The figures of polling as readable tables."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from couponbus.domain.polling.poll_policy import PollPolicy
from functions.poll_redemptions.wiring import THREADS
from tests.benchmarks.polling import comparing, crowd, reads, shared_limit, throughput
from tests.benchmarks.polling.comparing import STEADY, Comparison, Setting
from tests.benchmarks.polling.populations import BY_DAY, EARLY, FLAT
from tests.fakes.clock import NOON

SETTINGS = (
    Setting(profile=EARLY, poll_policy=PollPolicy()),
    Setting(profile=BY_DAY, poll_policy=PollPolicy()),
    Setting(profile=FLAT, poll_policy=STEADY),
    Setting(profile=FLAT, poll_policy=PollPolicy()),
    Setting(profile=EARLY, poll_policy=PollPolicy(), max_interval_hours=48),
    Setting(profile=EARLY, poll_policy=PollPolicy(), calls=0.75, max_interval_hours=144),
    Setting(profile=EARLY, poll_policy=PollPolicy(), calls=3.0, max_interval_hours=36),
    Setting(profile=EARLY, poll_policy=PollPolicy(), campaign=True),
)
DAYS, PER_GROUP, SEED = 20, 10, 1
LIMITS = ((100.0, None, 600), (100.0, 150, 600), (3.0, None, 24))


def lines() -> Iterator[str]:
    """Yield all tables."""
    yield from _schedule()
    yield ""
    yield from _reads()
    yield ""
    yield from _ticks()
    yield ""
    yield from _throughput()
    yield ""
    yield from _limits()


def _schedule() -> Iterator[str]:
    yield (
        "| redemptions | poll policy | calls a watch and day | every, if uniform | median: ours, "
        "uniform | p95: ours, uniform | mean: ours, uniform | any phase: median, p95 | "
        "fullest day | longest rest |"
    )
    yield "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for setting in SETTINGS:
        yield _compared(comparing.compare(setting, days=DAYS, per_group=PER_GROUP, seed=SEED))


def _compared(found: Comparison) -> str:
    setting, ours, uniform, loose = found.setting, found.ours, found.uniform, found.loose
    name = f"{setting.profile.name}{', with a campaign' if setting.campaign else ''}"
    cells = (
        name,
        "even steps" if setting.poll_policy is STEADY else "default",
        f"{setting.calls:g}",
        f"{found.interval_hours:.1f} h",
        f"{ours.middle:.1f}, {uniform.middle:.1f} h: {found.middle:.0%}",
        f"{ours.p95:.1f}, {uniform.p95:.1f} h: {found.p95:.0%}",
        f"{ours.mean:.1f}, {uniform.mean:.1f} h: {ours.mean / uniform.mean:.0%}",
        f"{ours.middle / loose.middle:.0%}, {ours.p95 / loose.p95:.0%}",
        f"{found.fullest_day:.0%}",
        f"{found.longest_rest_hours:.0f} of {setting.max_interval_hours} h",
    )
    return f"| {' | '.join(cells)} |"


def _reads() -> Iterator[str]:
    yield (
        "| watches | polls a tick | queries a tick | read units a tick: members, registry, rows "
        "| read units a poll |"
    )
    yield "|--:|--:|--:|--:|--:|"
    for watches in (1_000_000, 100_000, 10_000):
        first = reads.reads(watches, ticks=72)
        later = reads.later_reads(watches, ticks=72)
        for found, when in ((first, ""), (later, ", after months")):
            yield (
                f"| {watches:,}{when} | {found.polls:,.1f} | {found.queries:.1f} | "
                f"{found.of_members:.1f}, {found.of_registry:.1f}, {found.of_rows:.1f} | "
                f"{found.a_poll:.3f} |"
            )


def _ticks() -> Iterator[str]:
    yield "| a tick of the schedule | cohorts | ms of CPU, most | spans | commands | watches |"
    yield "|---|--:|--:|--:|--:|--:|"
    for name, found, cohorts in ticks():
        worst = max(found, key=lambda tick: tick.report.spans)
        yield (
            f"| {name} | {cohorts:,} | {max(tick.cpu for tick in found) * 1000:.0f} | "
            f"{worst.report.spans} | {worst.report.commands} | "
            f"{worst.report.watches_expected:,.0f} |"
        )


IN_FIFTY = "in fifty groups"


def ticks() -> Iterator[tuple[str, Sequence[crowd.Tick], int]]:
    """Yield some ticks of each kind, and the number of cohorts that they read."""
    one, fifty = crowd.groups(1), crowd.groups(50)
    usual = crowd.evenly(crowd.WATCHES, groups=one, now=NOON)
    split = crowd.evenly(crowd.WATCHES, groups=fifty, now=NOON)
    before = crowd.evenly(crowd.WATCHES, groups=one, now=NOON - timedelta(hours=1))
    rush = [*before, *crowd.campaign(crowd.WATCHES, group=one[0], now=NOON)]
    limiter, double = crowd.account(crowd.WATCHES), crowd.account(2 * crowd.WATCHES)
    soon = [NOON + minutes * crowd.MINUTE for minutes in (0, 1, 2, 3, 7)]
    rushing = [NOON + minutes * crowd.MINUTE for minutes in (30, 60, 90, 180)]
    hour = timedelta(hours=1)
    for name, sizes, account, at, covers in (
        ("1,000,000 watches", usual, limiter, soon, crowd.MINUTE),
        (IN_FIFTY, split, limiter, soon, crowd.MINUTE),
        ("an hour late", usual, limiter, [NOON], hour),
        ("without a budget", usual, crowd.UNLIMITED, soon, crowd.MINUTE),
        ("1,000,000 more in one hour", rush, double, rushing, crowd.MINUTE),
        ("these without a budget", rush, crowd.UNLIMITED, rushing, crowd.MINUTE),
    ):
        harness = crowd.ScheduleHarness(sizes, account=account)
        harness.tick(NOON - timedelta(hours=3))  # finds the throttle level
        yield name, [harness.tick(moment, covers=covers) for moment in at], len(sizes)


def _throughput() -> Iterator[str]:
    best = max(throughput.measure(polls=1000, rounds=4), key=lambda one: one.a_second_and_core)
    yield f"| the poller, {THREADS} threads, 100 ms a call | |"
    yield "|---|--:|"
    yield f"| polls a second and core | {best.a_second_and_core:,.0f} |"
    yield f"| us of CPU a poll | {best.cpu / best.polls * 1e6:,.0f} |"
    yield f"| polls a second of one poller | {best.a_second:,.0f} |"


def _limits() -> Iterator[str]:
    yield "| 50 workers share | a day | calls in the busiest second | a second | calls made |"
    yield "|--:|--:|--:|--:|--:|"
    for limit, a_day, calls in LIMITS:
        found = shared_limit.arrivals(limit=limit, a_day=a_day, calls=calls)
        yield (
            f"| {limit:g} a second | {a_day or 'any'} | {found.busiest_second} | "
            f"{found.a_second:.1f} | {len(found.moments)} of {calls} |"
        )
