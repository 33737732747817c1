"""How the table changes while a batch is issued, for measurements without a table.

`python -m tests.benchmarks.cost.recorded NUMBER` writes the images as JSON.
"""

import json
import sys

from tests.benchmarks import load
from tests.benchmarks.cost.simulators import simulators
from tests.benchmarks.cost.stage import a_deployment

if __name__ == "__main__":
    with simulators() as found, a_deployment(found) as stage:
        bodies = [json.dumps(load.event(each)) for each in range(int(sys.argv[1]))]
        stage.issue(bodies)
        changes = stage.meter.take_changes()
    sys.stdout.write(f"{json.dumps(changes)}\n")
