"""Short runs for the gates of `make test`: `python -m tests.benchmarks.webhooks.gates NAME`.

Writes its figures as one JSON object.
"""

import json
import sys
from collections.abc import Mapping

from tests.benchmarks.webhooks import comparing
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


if __name__ == "__main__":
    figures = {"isolation": isolation}[sys.argv[1]]()
    sys.stdout.write(f"{json.dumps(figures)}\n")
