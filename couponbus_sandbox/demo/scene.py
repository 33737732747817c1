"""The set-up of a run of the demo, and the options of the caller."""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console

from couponbus_sandbox.demo.calendar import DEFAULT_DAYS, Calendar
from couponbus_sandbox.demo.load import Load, make_load
from couponbus_sandbox.demo.phases import Phases
from couponbus_sandbox.demo.plan import PlannedAction, make_plan
from couponbus_sandbox.demo.shops import open_shops
from couponbus_sandbox.demo.subscription import Subscription, subscribed
from couponbus_sandbox.demo.till import Till
from couponbus_sandbox.local.operating import apply_programs
from couponbus_sandbox.local.stack import QUICK, LocalStack, local_stack
from couponbus_sandbox.local.stage_file import SHIPPED

PROGRAMS = Path(__file__).parent / "programs.yaml"
HORIZON = "horizon: {}d"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """The options of the caller."""

    sign_ups: int
    seed: int
    faults: Literal["none", "demo"]
    days: int
    collectors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The running product with its customers and shops, and a subscriber to its events."""

    options: DemoOptions
    calendar: Calendar
    load: Load
    plan: Sequence[PlannedAction]
    stack: LocalStack
    till: Till
    subscription: Subscription
    console: Console


@contextlib.contextmanager
def set_up(options: DemoOptions, *, console: Console, phases: Phases) -> Iterator[Scene]:
    """Start everything and load the programs; stop everything at the end of the block."""
    load = make_load(sign_ups=options.sign_ups, seed=options.seed)
    calendar = Calendar(options.days)
    with contextlib.ExitStack() as running:
        with phases.phase("set-up"):
            console.print("starting simulators and engine, deploying the stacks ...")
            stack = running.enter_context(
                local_stack(settings=QUICK, config=SHIPPED, collectors=options.collectors)
            )
            _apply_programs(stack, days=options.days)
            open_shops(stack, load, code_days=calendar.code_days)
            subscription = running.enter_context(subscribed(stack))
        yield Scene(
            options=options,
            calendar=calendar,
            load=load,
            plan=make_plan(load, calendar, seed=options.seed),
            stack=stack,
            till=Till(stack, load),
            subscription=subscription,
            console=console,
        )


def _apply_programs(stack: LocalStack, *, days: int) -> None:
    """Load the programs; no customer is watched for longer than the demo lasts."""
    text = PROGRAMS.read_text().replace(HORIZON.format(DEFAULT_DAYS), HORIZON.format(days))
    with tempfile.TemporaryDirectory(prefix="couponbus-") as folder:
        path = Path(folder) / PROGRAMS.name
        path.write_text(text)
        apply_programs(stack, path)
