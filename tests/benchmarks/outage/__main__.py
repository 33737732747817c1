"""An hour of outage: `python -m tests.benchmarks.outage [TROUBLE:RATE:MINUTES ...]`."""

import sys

from tests.benchmarks.outage.figures import Figures, measured
from tests.benchmarks.outage.provider import TROUBLES
from tests.benchmarks.outage.run import MINUTE, Scenario

RATES = (10, 50)
USUAL = [f"{trouble}:{rate}:60" for rate in RATES for trouble in TROUBLES]
HEADS = (
    "Coniq, for so many minutes",
    "sign-ups a second",
    "of them asked for in vain",
    "noticed after",
    "the last is decided after",
    "look-ups",
    "write units each",
    "revisions: mean, most",
    "before: p99, longest wait",
    "fresh ones: p99, longest wait",
    "not decided, doubled",
)


def scenario_of(text: str) -> Scenario:
    trouble, rate, minutes = text.split(":")
    return Scenario(trouble=trouble, rate=int(rate), outage=float(minutes) * MINUTE)


def line(scenario: Scenario, found: Figures) -> str:
    cells = (
        f"{scenario.trouble}, {scenario.outage / MINUTE:.0f}",
        f"{scenario.rate}",
        f"{found.doubted:,}",
        f"{found.noticed:.0f} s",
        f"{found.tail / MINUTE:.1f} min",
        f"{found.look_ups_after:,}",
        f"{found.units:.1f}",
        f"{found.revisions:.1f}, {found.most_revisions}",
        f"{found.usual_p99:.0f} s, {found.usual_longest:.0f} s",
        f"{found.fresh_p99:.0f} s, {found.fresh_longest:.0f} s",
        f"{found.missed}, {found.doubled}",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    sys.stdout.write(f"| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}\n")
    for text in sys.argv[1:] or USUAL:
        scenario = scenario_of(text)
        found = measured(scenario)
        assert found.errors == 0
        sys.stdout.write(f"{line(scenario, found)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
