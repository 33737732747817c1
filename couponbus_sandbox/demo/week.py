"""The second part of the demo: a week of redemptions, in which the clock is moved."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import WatchState
from couponbus_sandbox.demo.calendar import HOUR, MINUTE, Calendar
from couponbus_sandbox.demo.load import Load
from couponbus_sandbox.demo.plan import EARLIER, PlannedAction
from couponbus_sandbox.demo.polling import tick
from couponbus_sandbox.demo.rows import rows_of
from couponbus_sandbox.demo.subscription import Subscription
from couponbus_sandbox.demo.till import Till
from couponbus_sandbox.local.stack import LocalStack

LEAST_STEP, LONGEST_STEP = 5 * MINUTE, 2 * HOUR
STEP_BY_AGE = 0.1
SETTLE_STEP = 10 * MINUTE
SETTLE_STEPS = 60
FIRST_POLLS = 20


class WatchesNotStarted(Exception):
    """Some watches had no first poll in time."""


def steps(calendar: Calendar) -> Iterator[float]:
    """Yield the moments of the ticks, in seconds since the beginning.

    A deployed stage ticks each minute. A late tick finds every poll due since the last one.
    """
    at = 0.0
    while at < calendar.end:
        at += round(min(max(at * STEP_BY_AGE, LEAST_STEP), LONGEST_STEP))
        yield min(at, calendar.end)


def earlier(stack: LocalStack, till: Till, plan: Sequence[PlannedAction]) -> None:
    """Carry out what happens before the sign-ups, and let some time pass."""
    for one in plan:
        if one.at < 0:
            till.do(one)
    stack.move_clock(seconds=EARLIER)


def first_polls(stack: LocalStack, load: Load) -> None:
    """Tick until each watch has its first snapshot. Raise WatchesNotStarted, FunctionFailed."""
    wanted = len(load.users) + len(load.consumers)
    for _ in range(FIRST_POLLS):
        tick(stack)
        active = [row for row in rows_of(stack) if isinstance(row, Watch)]
        if sum(row.state is WatchState.ACTIVE for row in active) == wanted:
            return
        stack.move_clock(seconds=MINUTE)
    raise WatchesNotStarted(f"only {len(active)} of {wanted} watches were begun")


def live_through(
    stack: LocalStack, till: Till, plan: Sequence[PlannedAction], calendar: Calendar
) -> Iterator[float]:
    """Carry out the plan, and yield the elapsed time after each tick.

    Raise FunctionFailed.
    """
    began = stack.clock.now()
    waiting = [one for one in plan if one.at >= 0]
    for end in steps(calendar):
        while waiting and waiting[0].at <= end:
            one = waiting.pop(0)
            _wait_until(stack, began + timedelta(seconds=one.at))
            till.do(one)
        _wait_until(stack, began + timedelta(seconds=end))
        tick(stack)
        yield end


def settle(stack: LocalStack, load: Load, till: Till, subscription: Subscription) -> None:
    """Tick until each redemption and the end of each watch are published. Raise FunctionFailed."""
    watched = len(load.users) + len(load.consumers)
    for _ in range(SETTLE_STEPS):
        ended = subscription.distinct("WatchEnded")
        recorded = subscription.distinct("RedemptionRecorded")
        if ended >= watched and recorded >= len(till.uses):
            return
        stack.move_clock(seconds=SETTLE_STEP)
        tick(stack)


def _wait_until(stack: LocalStack, moment: datetime) -> None:
    left = (moment - stack.clock.now()).total_seconds()
    if left > 0:
        stack.move_clock(seconds=left)
