"""Short runs for the gates of `make test`: `python -m tests.benchmarks.webhooks.gates NAME`.

Writes its figures as one JSON object.
"""

import json
import sys
from collections.abc import Mapping

from tests.benchmarks.webhooks import comparing, counting
from tests.benchmarks.webhooks.comparing import ALONE, BESIDE_DEAD
from tests.benchmarks.webhooks.isolation import Load

LOAD = Load(faster=10.0, seconds=18.0, a_second=4.0)
SHORT = Load(faster=10.0, seconds=8.0, a_second=4.0, patience=15.0)
SEEDS = (1,)  # its first tick comes early


def isolation() -> Mapping[str, float]:
    """Return the 95th percentiles of a healthy endpoint's delays."""
    return {
        "alone": comparing.delays(ALONE, LOAD, seeds=SEEDS).p95,
        "beside": comparing.delays(BESIDE_DEAD, LOAD, seeds=SEEDS).p95,
        "in_one_lane": comparing.delays_in_one_queue(BESIDE_DEAD, SHORT, seeds=SEEDS).p95,
    }


def counts() -> Mapping[str, float]:
    """Return the write units of table and indexes for each thing, in full batches."""
    return {
        one.what: (one.bill.table_units + one.bill.index_units) / one.number
        for one in counting.count([counting.FULL])
    }


if __name__ == "__main__":
    figures = {"isolation": isolation, "counts": counts}[sys.argv[1]]()
    sys.stdout.write(f"{json.dumps(figures)}\n")
