"""Short runs for gates: `python -m tests.benchmarks.polling.gates NAME`.

Writes its figures as one JSON object.
"""

import json
import sys
from collections.abc import Mapping

from couponbus.domain.polling.poll_policy import PollPolicy
from tests.benchmarks.polling import comparing, reads, shared_limit, tables
from tests.benchmarks.polling.comparing import STEADY, Setting
from tests.benchmarks.polling.populations import BY_DAY, EARLY, FLAT
from tests.thorough import amount

SETTINGS = {
    "early": Setting(profile=EARLY, poll_policy=PollPolicy()),
    "flat": Setting(profile=FLAT, poll_policy=STEADY),
    "by_day": Setting(profile=BY_DAY, poll_policy=PollPolicy()),
    "campaign": Setting(profile=EARLY, poll_policy=PollPolicy(), campaign=True),
}
DAYS, PER_GROUP, SEED = amount(12, few=6), 8, 1
SOME = amount(len(SETTINGS), few=2)  # the first of them
CALLS = amount(400, few=250)


def schedule() -> Mapping[str, Mapping[str, float]]:
    """Return the shares of the uniform design's delays, and the cost of the days."""
    return {name: _compared(setting) for name, setting in [*SETTINGS.items()][:SOME]}


def counts() -> Mapping[str, Mapping[str, float]]:
    """Return calls in a second, read units, and commands of ticks."""
    limited = shared_limit.arrivals(limit=100.0, a_day=None, calls=CALLS)
    capped = shared_limit.arrivals(limit=100.0, a_day=150, calls=CALLS)
    ticks = {name: found for name, found, _ in tables.ticks()}
    return {
        "limited": {"busiest": limited.busiest_second, "calls": len(limited.moments)},
        "capped": {"busiest": capped.busiest_second, "calls": len(capped.moments)},
        "reads": {"a_poll": reads.reads(1_000_000, ticks=24).a_poll},
        "commands": {
            name: max(one.report.commands for one in found) for name, found in ticks.items()
        },
    }


def _compared(setting: Setting) -> Mapping[str, float]:
    found = comparing.compare(setting, days=DAYS, per_group=PER_GROUP, seed=SEED)
    return {
        "middle": found.middle,
        "p95": found.p95,
        "fullest_day": found.fullest_day,
        "longest_rest": found.longest_rest_hours / setting.max_interval_hours,
        "redemptions": found.redemptions,
    }


if __name__ == "__main__":
    figures = {"schedule": schedule, "counts": counts}[sys.argv[1]]()
    sys.stdout.write(f"{json.dumps(figures)}\n")
