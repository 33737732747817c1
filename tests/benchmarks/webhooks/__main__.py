"""The tables of webhooks by themselves: `python -m tests.benchmarks.webhooks [PART]`."""

import sys

from tests.benchmarks.alone import alone
from tests.benchmarks.webhooks.tables import PARTS

MODULE = "tests.benchmarks.webhooks"
LONGEST_SECONDS = 600.0

if __name__ == "__main__":
    if sys.argv[1:]:
        sys.stdout.writelines(f"{line}\n" for line in PARTS[sys.argv[1]]())
    else:
        tables = ["\n".join(alone(MODULE, part, seconds=LONGEST_SECONDS)) for part in PARTS]
        sys.stdout.write("\n\n".join(tables) + "\n")
