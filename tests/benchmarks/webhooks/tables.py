"""The figures of webhooks as readable tables."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from tests.benchmarks.webhooks import comparing, dead_endpoint, throughput
from tests.benchmarks.webhooks.comparing import ALONE, BESIDE_DEAD, OTHERS, Setting
from tests.benchmarks.webhooks.isolation import Delays, Load

LOAD = Load(faster=5.0, seconds=100.0, a_second=2.0)
SEEDS, FEW, SEED = (1, 2, 3), (1, 4), (1,)
WITH_A_RETRY = Load(faster=10.0, seconds=420.0, a_second=1.0, refused=300, patience=600.0)


def isolation() -> Iterator[str]:
    """Yield how long events take."""
    yield (
        "| from an event to a healthy endpoint, beside | workers | events | median | p95 "
        "| p95, as a share of alone | longest |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|"
    alone = comparing.delays(ALONE, LOAD, seeds=SEEDS)
    yield _row(ALONE.name, ALONE, alone, alone)
    beside = comparing.delays(BESIDE_DEAD, LOAD, seeds=SEEDS)
    yield _row(BESIDE_DEAD.name, BESIDE_DEAD, beside, alone)
    for setting in OTHERS:
        yield _row(setting.name, setting, comparing.delays(setting, LOAD, seeds=FEW), alone)
    control = comparing.delays_in_one_queue(BESIDE_DEAD, LOAD, seeds=SEED)
    yield _row(f"{BESIDE_DEAD.name}, all in one queue", BESIDE_DEAD, control, alone)


def retries() -> Iterator[str]:
    """Yield how long the event takes that the endpoint refuses once."""
    yield "| the one event that a healthy endpoint refuses once, beside | taken after |"
    yield "|---|--:|"
    for setting in (ALONE, BESIDE_DEAD):
        found = comparing.delays(setting, WITH_A_RETRY, seeds=SEED)
        yield f"| {setting.name} | {found.longest:.0f} s |"


def costs() -> Iterator[str]:
    """Yield what a webhook costs in CPU time."""
    found = throughput.measure(events=100, posts=400, rounds=4)
    yield "| webhooks | a second and core | us of CPU each |"
    yield "|---|--:|--:|"
    for name, spent in found.items():
        yield f"| {name} | {spent.a_second_and_core:,.0f} | {spent.micros:,.0f} |"


def day_with_dead_endpoint() -> Iterator[str]:
    """Yield the cost of a day with an endpoint that accepts nothing."""
    yield (
        "| 50 events a second for a day, for an endpoint that is | longest wait of an issuance that"
        " needs the sweeper | writes for each that waits, beside its attempts | attempts a minute |"
    )
    yield "|---|--:|--:|--:|"
    for name, trouble in (("dead", dead_endpoint.dead), ("paused", dead_endpoint.paused)):
        found = dead_endpoint.run_dead_endpoint(replace(dead_endpoint.A_DAY, trouble=trouble))
        beside, attempts = found.writes_beside_attempts, found.attempts / (24 * 60)
        yield f"| {name} | {found.longest_wait:.0f} s | {beside:.2f} | {attempts:.1f} |"


# Each in a process of its own: the functions keep the AWS for which they were wired.
PARTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "isolation": isolation,
    "retries": retries,
    "costs": costs,
    "dead_endpoint": day_with_dead_endpoint,
}


def _row(name: str, setting: Setting, found: Delays, alone: Delays) -> str:
    cells = (
        name,
        f"{setting.workers.first} and {setting.workers.again}",
        f"{len(found.seconds):,}",
        f"{found.middle:.2f} s",
        f"{found.p95:.2f} s",
        f"{found.p95 / alone.p95:.0%}",
        f"{found.longest:.1f} s",
    )
    return f"| {' | '.join(cells)} |"
