"""Random runs on all cores for a while: `python -m tests.simulation.soak --seconds 300`."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import count
from multiprocessing import get_context

from tests.simulation.expiring import run_expired, run_retained
from tests.simulation.mutant import Mutant
from tests.simulation.mutants import first_failure
from tests.simulation.mutants_of_answers import OLD_RULES
from tests.simulation.operated import run_operated
from tests.simulation.polling.seeds import run_polls
from tests.simulation.report import RunReport
from tests.simulation.restoring import run_restored
from tests.simulation.seeds import run_seed
from tests.simulation.tally import Tally
from tests.simulation.webhooks.seeds import run_webhooks

SHOWN = 20
CONTROLLED = 6000
RUNS: Mapping[str, Callable[[int], RunReport]] = {
    "issuing": run_seed,
    "operated": run_operated,
    "restored": run_restored,
    "expired": run_expired,
    "retained": run_retained,
    "polling": run_polls,
    "webhooks": run_webhooks,
}
RULES: Mapping[str, Mutant] = {rule.name: rule for rule in OLD_RULES}
REPLAY: Mapping[str, str] = {
    "issuing": "python -m tests.simulation.replay {seed} --smallest",
    "operated": "OPERATED_SEED={seed} pytest tests/simulation -k one_operated_seed",
    "restored": "RESTORED_SEED={seed} pytest tests/simulation -k one_restored_seed",
    "expired": "EXPIRED_SEED={seed} pytest tests/simulation -k one_expired_seed",
    "retained": "RETAINED_SEED={seed} pytest tests/simulation -k one_retained_seed",
    "polling": "POLL_SEED={seed} pytest tests/simulation/polling -k one_seed",
    "webhooks": "HOOK_SEED={seed} pytest tests/simulation/webhooks -k one_seed",
}


def soak(*, what: str, seconds: float, processes: int, first: int) -> Tally:
    """Run seeds from `first` on until `seconds` have passed."""
    end = time.monotonic() + seconds
    total = Tally()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        shares = [
            pool.submit(_share, what, first + one, processes, end) for one in range(processes)
        ]
        for share in shares:
            total.join(share.result())
    return total


def _share(what: str, first: int, step: int, end: float) -> Tally:
    tally = Tally()
    for seed in count(first, step):
        tally.add(RUNS[what](seed))
        if time.monotonic() >= end:
            break
    return tally


def main(arguments: list[str]) -> int:
    chosen = parsed(arguments)
    first = time.time_ns() // 1_000_000 * 1000 if chosen.first is None else chosen.first
    violations = sum(
        _soaked(what, first, seconds=chosen.seconds / len(chosen.kinds), processes=chosen.processes)
        for what in chosen.kinds
    )
    missed = _controlled(
        first, rules=chosen.rules, seeds=chosen.controlled, processes=chosen.processes
    )
    sys.stdout.write(f"violations: {violations}\n")
    return 1 if violations or missed else 0


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Return the parsed arguments; an option that is left out selects everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.soak")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--first", type=int, default=None, help="the first seed; new ones if left out"
    )
    parser.add_argument(
        "--controlled",
        type=int,
        default=CONTROLLED,
        help="seeds in which an old rule must break something",
    )
    parser.add_argument("--kinds", nargs="+", choices=RUNS, default=[*RUNS], help="of runs")
    parser.add_argument(
        "--rules", nargs="+", choices=RULES, default=[*RULES], help="old ones, as controls"
    )
    return parser.parse_args(arguments)


def _soaked(what: str, first: int, *, seconds: float, processes: int) -> int:
    """Report the result of one kind of runs, and return the number of violations."""
    began = time.monotonic()
    tally = soak(what=what, seconds=seconds, processes=processes, first=first)
    elapsed = time.monotonic() - began
    failures = [
        f"seed {seed}: {problem} ({REPLAY[what].format(seed=seed)})"
        for seed, problem in tally.failures[:SHOWN]
    ]
    lines = [
        f"{what}, first seed: {first}",
        tally.text,
        f"seconds: {elapsed:.0f} ({tally.seeds / elapsed:.0f} seeds per second)",
        *failures,
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return len(tally.failures)


def _controlled(first: int, *, rules: Sequence[str], seeds: int, processes: int) -> int:
    """Report where runs with each of these old rules fail, and return how many do not."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        shown = list(pool.map(partial(_control, first=first, seeds=seeds), rules))
    for name, violation in zip(rules, shown, strict=True):
        found = violation or f"MISSED, {seeds:,} seeds break nothing"
        sys.stdout.write(f"control, {name}: {found}\n")
    return shown.count(None)


def _control(name: str, *, first: int, seeds: int) -> str | None:
    """Return the first violation under an old rule, None for none."""
    rule = RULES[name]
    for seed in range(first, first + seeds):
        report = first_failure(rule, [seed])
        if report is not None:
            what = next(one for one in report.violations if rule.shown_by([one]))
            return f"fails at seed {seed} ({seed - first + 1} tried), {what}"
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
