"""One seed, printed line by line: `python -m tests.simulation.replay SEED [--smallest]`."""

import argparse
import sys
from collections.abc import Mapping

from tests.simulation.crowd import conditions_of, scenario_of
from tests.simulation.fault_periods import ALL_KINDS
from tests.simulation.faults import Planned
from tests.simulation.report import Report
from tests.simulation.run import simulate
from tests.simulation.seeds import run_seed
from tests.simulation.shrinking import smallest


def run_plan(seed: int, plan: Mapping[int, str]) -> Report:
    """Run a seed under exactly these faults instead of its own."""
    return simulate(
        scenario_of(seed),
        conditions_of(seed),
        seed=seed,
        faults=Planned(plan, kinds=ALL_KINDS),
    )


def smallest_of(seed: int) -> Report:
    """Return the run with the fewest faults of this seed that still violates an invariant."""
    plan = smallest(run_seed(seed).plan, lambda plan: bool(run_plan(seed, plan).violations))
    return run_plan(seed, plan)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.replay")
    parser.add_argument("seed", type=int)
    parser.add_argument("--smallest", action="store_true", help="leave out what is not needed")
    chosen = parser.parse_args(arguments)
    report = smallest_of(chosen.seed) if chosen.smallest else run_seed(chosen.seed)
    sys.stdout.write(as_text(report) + "\n")
    return 1 if report.violations else 0


def as_text(report: Report) -> str:
    """Return a run as text: sign-ups, events, violations, and what to replay."""
    sign_ups = [
        f"{one.signup_id} at {', '.join(f'{when:.1f}' for when in one.times)}: {one.body}"
        for one in (scenario_of(report.seed).sign_ups if isinstance(report.seed, int) else ())
    ]
    lines = [f"{at:9.2f} {who or '':>4} {what:24} {how}" for at, who, what, how in report.trace]
    end = [f"plan: {dict(report.plan)}", f"trace: {report.trace_hash}"]
    wrong = [f"violation: {what}" for what in report.violations]
    return "\n".join([*sign_ups, "", *lines, "", *end, *wrong])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
