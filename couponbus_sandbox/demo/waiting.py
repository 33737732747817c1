"""Waits until everything is decided and published, and ticks the sweeper meanwhile."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from couponbus_sandbox.demo.depth import depth
from couponbus_sandbox.demo.load import Load
from couponbus_sandbox.demo.subscription import Subscription
from couponbus_sandbox.local.stack import LocalStack

# The schedule of a deployed stage ticks once a minute, which makes up for lost hints; the demo
# waits for nothing else, so it takes the schedule's place and ticks faster.
TICK_SECONDS = 1.0
DUE = ("Enqueued", "Published", "Failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many owed barcodes and how many rejected sign-ups were published."""

    published: int
    refused: int


def settling(
    stack: LocalStack, load: Load, subscription: Subscription, *, seconds: float
) -> Iterator[Progress]:
    """Yield the progress about once a second until nothing is left to do or time is up.

    Raise FunctionFailed.
    """
    everything = Progress(published=len(load.owed), refused=len(load.refused))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        started = time.monotonic()
        is_idle = tick(stack) == 0 and depth(stack, "signups") == 0
        progress = _progress(load, subscription)
        yield progress
        if is_idle and progress == everything:
            return
        time.sleep(max(0.0, TICK_SECONDS - (time.monotonic() - started)))


def tick(stack: LocalStack) -> int:
    """Tick once and return how many rows were due. Raise FunctionFailed."""
    counts = stack.invoke("sweep_due")
    return sum(int(float(str(counts[name]))) for name in DUE)


def _progress(load: Load, subscription: Subscription) -> Progress:
    issued = {load.customer_of.get(one) for one in subscription.events("BarcodeIssued")}
    rejected = load.refused & set(subscription.events("SignUpRejected"))
    return Progress(published=len(issued & load.owed), refused=len(rejected))
