"""The demo's scheduler of polls: it ticks after the clock was moved, and waits for the work."""

import contextlib
import time
from collections.abc import Iterator

from couponbus_sandbox.demo.depth import depth
from couponbus_sandbox.local.stack import LocalStack

SCHEDULED = ("sweep_due", "schedule_polls")
CHECK_INTERVAL = 0.04
TIMEOUT = 10.0


def tick(stack: LocalStack) -> None:
    """Run what a deployed stage runs each minute, and wait until the polls are done.

    Raise FunctionFailed.
    """
    for function in SCHEDULED:
        stack.invoke(function)
    until_polled(stack)


def until_polled(stack: LocalStack) -> None:
    """Wait until no poll is queued or in flight; a failed one is due again later."""
    deadline = time.monotonic() + TIMEOUT
    while depth(stack, "polls") and time.monotonic() < deadline:
        time.sleep(CHECK_INTERVAL)


def stop_schedules(stack: LocalStack) -> None:
    """Delete the schedules, so that only the demo ticks from here on."""
    client = stack.access.session.client("scheduler", **stack.access.where)
    for function in SCHEDULED:
        client.delete_schedule(Name=stack.functions[function], GroupName=stack.names.base)


@contextlib.contextmanager
def at_once(stack: LocalStack, function: str) -> Iterator[None]:
    """Set the batching window of the queue that a function reads to zero inside the block."""
    client = stack.access.functions()
    name = f"{stack.functions[function]}:live"
    [mapping] = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    uuid, window = mapping["UUID"], mapping["MaximumBatchingWindowInSeconds"]
    client.update_event_source_mapping(UUID=uuid, MaximumBatchingWindowInSeconds=0)
    try:
        yield
    finally:
        client.update_event_source_mapping(UUID=uuid, MaximumBatchingWindowInSeconds=window)
