"""The command `make demo`: exit code 0 when every promise was kept, 1 when not, 130 for Ctrl-C."""

import argparse
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from couponbus_sandbox.demo.calendar import DAYS_MAX, DEFAULT_DAYS
from couponbus_sandbox.demo.part import Part
from couponbus_sandbox.demo.run import run
from couponbus_sandbox.demo.scene import DemoOptions
from couponbus_sandbox.demo.sending import LEAST_AT_ONCE, BusRefused
from couponbus_sandbox.demo.table import promises
from couponbus_sandbox.demo.webhooks import DeliveriesNotEnded
from couponbus_sandbox.demo.week import WatchesNotStarted
from couponbus_sandbox.engine.process import EngineFailed
from couponbus_sandbox.engine.stacks import StackFailed
from couponbus_sandbox.local.local_environment import entered
from couponbus_sandbox.local.operating import CommandFailed
from couponbus_sandbox.local.stack import FunctionFailed
from couponbus_sandbox.local.stopping import stoppable
from couponbus_sandbox.local.synthesis import SynthesisFailed

INTERRUPTED = 130
FAILURES = (
    BotoCoreError,
    BusRefused,
    ClientError,
    CommandFailed,
    EngineFailed,
    FunctionFailed,
    WatchesNotStarted,
    DeliveriesNotEnded,
    StackFailed,
    SynthesisFailed,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo and return the exit code."""
    options = _options(arguments)
    console = Console(highlight=False)
    parts: list[Part] = []
    try:
        with stoppable():
            for part in run(options, console=console):
                console.print("", part.figures, "", promises(part.checks), "", sep="\n")
                parts.append(part)
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return INTERRUPTED
    except FAILURES as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    sys.stdout.flush()
    return _exit_code(parts)


def _exit_code(parts: Sequence[Part]) -> int:
    broken = [part for part in parts if part.broken]
    for part in broken:
        for line in (*part.unusual_logs, *(f"broken: {promise}" for promise in part.broken)):
            sys.stderr.write(f"{line}\n")
    return 1 if broken else 0


def _options(arguments: Sequence[str] | None) -> DemoOptions:
    parser = argparse.ArgumentParser(prog="python -m couponbus_sandbox.demo", description=__doc__)
    parser.add_argument("--sign-ups", type=_positive, default=1000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another order of events")
    parser.add_argument("--faults", choices=("none", "demo"), default="demo")
    parser.add_argument(
        "--days", type=_days, default=DEFAULT_DAYS, metavar="D", help="how long is simulated"
    )
    parser.add_argument(
        "--collectors",
        type=_positive,
        default=LEAST_AT_ONCE,
        metavar="N",
        help="how many batches of sign-ups are collected at once",
    )
    given = parser.parse_args(arguments)
    return DemoOptions(
        sign_ups=given.sign_ups,
        seed=given.seed,
        faults=given.faults,
        days=given.days,
        collectors=given.collectors,
    )


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= DAYS_MAX:
        raise argparse.ArgumentTypeError(f"use a number from 1 to {DAYS_MAX}")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("use a number from 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(entered(main))
