"""The third part of the demo: webhooks, while one endpoint fails for two days and one is gone."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from couponbus.domain.webhooks.delivery import Delivery, DeliveryState
from couponbus_sandbox.demo.depth import depth
from couponbus_sandbox.demo.load import sign_up_of
from couponbus_sandbox.demo.receivers import ACCEPTED, Receivers
from couponbus_sandbox.demo.rows import rows_of
from couponbus_sandbox.demo.sending import send
from couponbus_sandbox.demo.subscription import Subscription
from couponbus_sandbox.demo.waiting import tick
from couponbus_sandbox.local.operating import CommandFailed, couponbus
from couponbus_sandbox.local.stack import LocalStack

SIGN_UPS = 20
FIRST_CUSTOMER = 900_001
SIGNUP = "webhooks-{}"
OUTAGE = timedelta(days=2)
A_SECOND = timedelta(seconds=1)
STEPS_MAX = 60
QUEUES = ("notifications", "deliveries", "redeliveries")
CHECK_INTERVAL = 0.05
CHECKS = 3  # a message between two queues is counted in neither for a moment
TIMEOUT = 20.0
REPLAYED = "RedemptionRecorded"


class DeliveriesNotEnded(Exception):
    """The deliveries did not end in time."""


def sign_ups() -> frozenset[str]:
    """Return the ids of the sign-ups that begin this part."""
    return frozenset(SIGNUP.format(number) for number in range(SIGN_UPS))


def begin(stack: LocalStack, subscription: Subscription) -> None:
    """Sign customers up and wait until all have their barcodes. Raise DeliveriesNotEnded."""
    details = [
        json.dumps(sign_up_of(SIGNUP.format(number), FIRST_CUSTOMER + number))
        for number in range(SIGN_UPS)
    ]
    for _ in send(stack, details):
        pass
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        tick(stack)
        if sign_ups() <= set(subscription.events("BarcodeIssued")):
            until_sent(stack)
            return
        time.sleep(CHECK_INTERVAL)
    raise DeliveriesNotEnded("the sign-ups of the third part got no barcodes")


def live_through(stack: LocalStack, receivers: Receivers) -> Iterator[timedelta]:
    """Move the clock from attempt to attempt until the outage is over; yield the time so far.

    Raise DeliveriesNotEnded, CommandFailed.
    """
    began, is_over = stack.clock.now(), False
    for _ in range(STEPS_MAX):
        due = _due(stack)
        if not due:
            return
        moment = max(due) + A_SECOND
        if moment - began >= OUTAGE and not is_over:
            receivers.failing.start(answer=ACCEPTED)
            is_over = True
        _sweep_at(stack, moment)
        yield stack.clock.now() - began
    raise DeliveriesNotEnded("some deliveries never ended")


def replay(stack: LocalStack) -> int:
    """Replay the redemptions to the healthy endpoint, which was added after them; return how many.

    Raise DeliveriesNotEnded, CommandFailed.
    """
    chosen = ("--endpoint", "healthy", "--type", REPLAYED, "--since", "30d", "--json")
    planned = _retry(stack, *chosen, "--dry-run")
    _retry(stack, *chosen, "--yes")
    for _ in range(STEPS_MAX):
        due = _due(stack)
        if not due:
            return planned
        _sweep_at(stack, max(due) + A_SECOND)
    raise DeliveriesNotEnded("the replay never ended")


def until_sent(stack: LocalStack) -> None:
    """Wait until all queues of webhooks are empty; failed attempts are due in the ledger."""
    deadline, quiet = time.monotonic() + TIMEOUT, 0
    while quiet < CHECKS and time.monotonic() < deadline:
        quiet = 0 if any(depth(stack, queue) for queue in QUEUES) else quiet + 1
        time.sleep(CHECK_INTERVAL)


def deliveries(stack: LocalStack) -> Sequence[Delivery]:
    """Return every delivery."""
    return [row for row in rows_of(stack) if isinstance(row, Delivery)]


def _due(stack: LocalStack) -> list[datetime]:
    return [
        row.due_at
        for row in deliveries(stack)
        if row.state is DeliveryState.PENDING and row.due_at is not None
    ]


def _sweep_at(stack: LocalStack, moment: datetime) -> None:
    left = (moment - stack.clock.now()).total_seconds()
    if left > 0:
        stack.move_clock(seconds=left)
    tick(stack)
    until_sent(stack)


def _retry(stack: LocalStack, *arguments: str) -> int:
    done = couponbus(stack, "deliveries", "retry", *arguments)
    if done.returncode:
        raise CommandFailed(f"deliveries retry: {done.stdout}{done.stderr}")
    return int(str(json.loads(done.stdout)["deliveries"]))
