"""Random runs on all cores for a while: `python -m tests.simulation.soak --seconds 300`."""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from multiprocessing import get_context

from tests.simulation.seeds import run_seed
from tests.simulation.tally import Tally

SHOWN = 20


def soak(*, seconds: float, processes: int, first: int) -> Tally:
    """Run seeds from `first` on until the time is over."""
    end = time.monotonic() + seconds
    total = Tally()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        shares = [pool.submit(_share, first + one, processes, end) for one in range(processes)]
        for share in shares:
            total.join(share.result())
    return total


def _share(first: int, step: int, end: float) -> Tally:
    tally = Tally()
    for seed in count(first, step):
        tally.add(run_seed(seed))
        if time.monotonic() >= end:
            break
    return tally


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.soak")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--first", type=int, default=None, help="the first seed; new ones if left out"
    )
    chosen = parser.parse_args(arguments)
    first = time.time_ns() // 1_000_000 * 1000 if chosen.first is None else chosen.first
    began = time.monotonic()
    tally = soak(seconds=chosen.seconds, processes=chosen.processes, first=first)
    elapsed = time.monotonic() - began
    failures = [
        f"seed {seed}: {what} (python -m tests.simulation.replay {seed} --smallest)"
        for seed, what in tally.failures[:SHOWN]
    ]
    lines = [
        f"first seed: {first}",
        tally.text,
        f"seconds: {elapsed:.0f} ({tally.seeds / elapsed:.0f} seeds per second)",
        *failures,
        f"violations: {len(tally.failures)}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
