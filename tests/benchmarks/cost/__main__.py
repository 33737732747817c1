"""The tables of costs by themselves: `python -m tests.benchmarks.cost`."""

import sys

from tests.benchmarks.cost.table import tables

if __name__ == "__main__":
    for line in tables():
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
