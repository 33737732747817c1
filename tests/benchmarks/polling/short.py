"""The part `polling` of `make bench`: the poller, the ticks of the schedule, a shared limit.

The design of the schedule is compared by `python -m tests.benchmarks.polling`, which takes minutes.
"""

import sys
from collections.abc import Iterator

from functions.poll_redemptions.wiring import THREADS
from tests.benchmarks.figure import Figure
from tests.benchmarks.polling import reads, shared_limit, tables, throughput

MILLION = 1_000_000
MILLISECONDS = 1000.0


def lines() -> Iterator[str]:
    """Yield tables as they are found, and the figures."""
    yield from _poller()
    yield ""
    yield from _ticks()
    yield ""
    yield from _limit()
    found = reads.reads(MILLION, ticks=24)
    yield Figure(
        name="read units of a poll, of a million watches", value=found.a_poll, digits=3, most=0.04
    ).line()
    of_fifty = reads.in_groups(MILLION, count=50)
    yield Figure(name="read units of a tick of fifty groups", value=of_fifty, most=200).line()


def _poller() -> Iterator[str]:
    found = throughput.measure(polls=1000, rounds=4)
    best = max(found, key=lambda one: one.a_second_and_core)
    cpu = sum(one.cpu for one in found) / sum(one.polls for one in found)
    yield f"| the poller, {THREADS} threads, 100 ms a call | best | mean |"
    yield "|---|--:|--:|"
    yield f"| polls a second and core | {best.a_second_and_core:,.0f} | {1 / cpu:,.0f} |"
    yield f"| us of CPU a poll | {best.cpu / best.polls * 1e6:,.0f} | {cpu * 1e6:,.0f} |"
    yield Figure(
        name="polls a second and core", value=best.a_second_and_core, digits=0, least=150
    ).line()
    a_second = max(one.a_second for one in found)
    yield Figure(name="polls a second of one poller", value=a_second, digits=0).line()


def _ticks() -> Iterator[str]:
    worst = 0.0
    yield "| a tick of the schedule | ms of CPU, most |"
    yield "|---|--:|"
    for name, found, _ in tables.ticks():
        most = max(one.cpu for one in found) * MILLISECONDS
        worst = max(worst, most)
        yield f"| {name} | {most:.0f} |"
        if name == tables.IN_FIFTY:
            yield Figure(
                name="a tick of fifty groups, longest", value=most, unit="ms", digits=0
            ).line()
    yield Figure(
        name="a tick for a million watches, longest", value=worst, unit="ms", digits=0, most=2000
    ).line()


def _limit() -> Iterator[str]:
    found = shared_limit.arrivals(limit=100.0, a_day=None, calls=400)
    yield "| 50 workers share | calls in the busiest second | a second |"
    yield "|---|--:|--:|"
    yield f"| 100 a second | {found.busiest_second} | {found.a_second:.1f} |"


if __name__ == "__main__":
    for line in lines():
        sys.stdout.write(f"{line}\n")
