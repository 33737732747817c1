"""The command `make demo`: exit code 0 when every promise was kept, 1 when not, 130 for Ctrl-C."""

import argparse
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from sandbox.demo.checks import checked
from sandbox.demo.phases import Phases
from sandbox.demo.run import Wish, run
from sandbox.demo.sending import BusRefused
from sandbox.demo.table import figures, promises
from sandbox.demo.waiting import SweepFailed
from sandbox.engine.process import EngineFailed
from sandbox.engine.stacks import StackFailed
from sandbox.operating import CommandFailed
from sandbox.stopping import stoppable
from sandbox.synthesis import SynthesisFailed

INTERRUPTED = 130
FAILURES = (
    BotoCoreError,
    BusRefused,
    ClientError,
    CommandFailed,
    EngineFailed,
    StackFailed,
    SweepFailed,
    SynthesisFailed,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo and return the exit code."""
    wish = _wish(arguments)
    console, phases = Console(highlight=False), Phases()
    try:
        with stoppable():
            facts = run(wish, console=console, phases=phases)
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return INTERRUPTED
    except FAILURES as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    checks = checked(facts)
    console.print("", figures(facts, phases=phases.seconds), "", promises(checks), sep="\n")
    broken = [check.promise for check in checks if check.broken]
    if not broken:
        return 0
    sys.stdout.flush()
    for line in (*facts.complaints, *(f"broken: {promise}" for promise in broken)):
        sys.stderr.write(f"{line}\n")
    return 1


def _wish(arguments: Sequence[str] | None) -> Wish:
    parser = argparse.ArgumentParser(prog="python -m sandbox.demo", description=__doc__)
    parser.add_argument("--sign-ups", type=_positive, default=1000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another order of events")
    parser.add_argument("--faults", choices=("none", "demo"), default="demo")
    given = parser.parse_args(arguments)
    return Wish(sign_ups=given.sign_ups, seed=given.seed, faults=given.faults)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("use a number from 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
