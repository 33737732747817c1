"""One run of the demo, from an empty machine to the facts."""

import contextlib
from dataclasses import dataclass
from typing import Literal

from rich.console import Console

from sandbox.demo.facts import Facts, gather
from sandbox.demo.faults import make_faults
from sandbox.demo.load import Load, make_load
from sandbox.demo.phases import Phases
from sandbox.demo.screen import meter
from sandbox.demo.sending import held_back, send
from sandbox.demo.subscription import Subscription, subscribed
from sandbox.demo.waiting import settling
from sandbox.local_stack import QUICK, LocalStack, local_stack
from sandbox.operating import apply_programs

SETTLE_SECONDS = 30.0
SETTLE_SECONDS_PER_SIGN_UP = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the caller asked for."""

    sign_ups: int
    seed: int
    faults: Literal["none", "demo"]


def run(wish: Wish, *, console: Console, phases: Phases) -> Facts:
    """Set everything up, send, wait, and return what became of it; nothing is left running."""
    load = make_load(sign_ups=wish.sign_ups, seed=wish.seed)
    with contextlib.ExitStack() as running:
        with phases.phase("set-up"):
            console.print("starting simulator and engine, deploying the stacks ...")
            stack = running.enter_context(local_stack(context=QUICK))
            apply_programs(stack)
            subscription = running.enter_context(subscribed(stack))
        if wish.faults == "demo":
            stack.coniq.faults(*make_faults(sign_ups=wish.sign_ups, seed=wish.seed))
        with phases.phase("sending"):
            _send(stack, load, console=console)
        with phases.phase("issuing"):
            _settle(stack, load, subscription, console=console)
        with phases.phase("checking"):
            return gather(stack, load, subscription)


def _send(stack: LocalStack, load: Load, *, console: Console) -> None:
    total = len(load.details)
    with held_back(stack), meter(console, label="sign-ups sent", total=total) as show:
        sent = 0
        for taken in send(stack, load.details):
            sent += taken
            show.show(sent)


def _settle(stack: LocalStack, load: Load, subscription: Subscription, *, console: Console) -> None:
    seconds = SETTLE_SECONDS + SETTLE_SECONDS_PER_SIGN_UP * len(load.details)
    with meter(console, label="barcodes announced", total=len(load.owed)) as show:
        for progress in settling(stack, load, subscription, seconds=seconds):
            show.show(progress.told)
