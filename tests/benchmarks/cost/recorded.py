"""How the table changes while batches are issued, for measurements without a table.

`python -m tests.benchmarks.cost.recorded NUMBER:WATCHES ...` writes the images of each as JSON.
"""

import json
import sys
from collections.abc import Iterator, Sequence

from tests.benchmarks import load
from tests.benchmarks.cost.simulators import simulators
from tests.benchmarks.cost.stage import a_deployment
from tests.benchmarks.units import Change

APART = 1000  # the customers of two batches


def recorded(shapes: Sequence[tuple[int, int]]) -> Iterator[list[Change]]:
    """Yield the changes by each batch."""
    with simulators() as found, a_deployment(found) as stage:
        for place, (number, watches) in enumerate(shapes):
            first = place * APART
            stage.issue(
                [
                    json.dumps(load.event(each, watches=watches))
                    for each in range(first, first + number)
                ]
            )
            yield stage.meter.take_changes()


if __name__ == "__main__":
    asked = [
        (int(number), int(watches))
        for number, _, watches in (shape.partition(":") for shape in sys.argv[1:])
    ]
    sys.stdout.write(f"{json.dumps(list(recorded(asked)))}\n")
