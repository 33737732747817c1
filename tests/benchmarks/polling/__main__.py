"""The tables of polling by themselves: `python -m tests.benchmarks.polling`."""

import sys

from tests.benchmarks.polling.tables import lines

for line in lines():
    sys.stdout.write(f"{line}\n")
