"""`make bench`: what runs, measured: the hot path, costs, polling, webhooks and cold starts.

Each part is a process of its own, which prints what it finds at once; a table ends it all.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

from tests.architecture import tree
from tests.benchmarks.figure import Figure
from tests.benchmarks.summary import table

# The modules of the parts, and how many seconds each takes on an idle machine with two cores.
PARTS: Mapping[str, tuple[str, int]] = {
    "hot": ("tests.benchmarks.hot", 60),
    "cost": ("tests.benchmarks.cost", 20),
    "polling": ("tests.benchmarks.polling.short", 25),
    "webhooks": ("tests.benchmarks.webhooks.short", 30),
    "start": ("tests.benchmarks.start", 30),
}


def main() -> None:
    """Measure and print; end with an error where a figure is beyond its limit."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", choices=tuple(PARTS), help="one part of it")
    only = parser.parse_args().only
    figures = [found for part in PARTS if only in (None, part) for found in _measured(part)]
    table(figures, file=sys.stdout, width=shutil.get_terminal_size((100, 24)).columns)
    if any(each.is_missed for each in figures):
        sys.exit("a figure is beyond its limit: on a busy machine measure it again")


def _measured(part: str) -> Iterator[Figure]:
    """Print what a part prints, and yield its figures."""
    module, seconds = PARTS[part]
    sys.stdout.write(f"\n{part}: about {seconds} s\n")
    began = time.monotonic()
    for line in _lines(module):
        figure = Figure.of(line)
        if figure is None:
            sys.stdout.write(line)
            sys.stdout.flush()
        else:
            yield figure
    sys.stdout.write(f"{part}: took {time.monotonic() - began:.0f} s\n")


def _lines(module: str) -> Iterator[str]:
    path = os.pathsep.join(map(str, (tree.COUPONBUS.parent, tree.ROOT)))
    with subprocess.Popen(
        [sys.executable, "-u", "-m", module],
        cwd=tree.ROOT,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield from process.stdout
    if process.returncode:
        sys.exit(f"{module} failed")


if __name__ == "__main__":
    main()
