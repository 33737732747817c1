"""The functions on moto, driven by hand as the queues, the stream and the schedule drive them.

What AWS asks of itself for that is part of the bill: calls to the queues, and invocations.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from itertools import batched, count, islice
from random import Random

from couponbus.aws.clients import Clients
from couponbus.aws.ledger.codec import encode
from couponbus.domain.row import Row
from tests.benchmarks.bill import Bill
from tests.benchmarks.cost.output import printed
from tests.benchmarks.cost.prices import PRICES
from tests.benchmarks.cost.simulators import Simulators
from tests.benchmarks.cost.waiting_clock import WaitingClock
from tests.benchmarks.lanes import in_lanes
from tests.benchmarks.load import Context
from tests.benchmarks.meter import Meter
from tests.benchmarks.units import Change, Item

TABLE = "couponbus-bench-ledger"
TEN = 10  # messages in a call to SQS
PLATFORM_BYTES = 350  # that Lambda itself logs for an invocation
MILLISECONDS = 120_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One stage of couponbus, its meter, and what it calls."""

    meter: Meter
    clients: Clients
    clock: WaitingClock
    simulators: Simulators
    source: Random = field(default_factory=lambda: Random(1))
    _idle: list[Bill] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def begin(self) -> None:
        """Forget messages, webhooks and the bill of what was done before."""
        self.meter.sent.clear()
        self.simulators.receiver.requests.clear()
        self.bill()

    def customers(self, number: int) -> Sequence[int]:
        """Return the numbers of new customers."""
        return list(islice(self._numbers, number))

    def bill(self) -> Bill:
        """Return everything since the last bill."""
        return self.meter.take_bill()

    def received(self) -> Sequence[bytes]:
        """Return the webhooks that came so far."""
        return self.simulators.receiver.requests

    def items(self) -> Sequence[Item]:
        """Return what the table holds."""
        return self.meter.items()

    def have(self, rows: Sequence[Row]) -> None:
        """Store rows of an operator, over those that there are."""
        for row in rows:
            item = encode(row.written("another-worker"))
            self.clients.dynamodb.put_item(TableName=TABLE, Item=item)

    def sign_up(self, bodies: Sequence[str]) -> None:
        """Handle a batch of sign-ups that a rule put into the queue, and publish."""
        self.issue(bodies)
        self.publish()

    def issue(self, bodies: Sequence[str]) -> None:
        """Handle a batch of sign-ups that a rule put into the queue."""
        self.meter.add(Bill(sqs=len(bodies)))
        self._consume("issue_barcodes", bodies)

    def poll(self, bodies: Sequence[str] = ()) -> None:
        """Handle these messages, or those that wait in the queue of polls, and publish."""
        self._consume("poll_redemptions", [*bodies, *self._taken("polls")])
        self.publish()

    def fan_out(self, bodies: Sequence[str] = ()) -> None:
        """Handle these events, or those that wait in the queue of notifications."""
        self._consume("fan_out_webhooks", [*bodies, *self._taken("notifications")])

    def deliver(self) -> None:
        """Send the webhooks that wait in a queue, ten messages an invocation."""
        waiting = [*self._taken("deliveries"), *self._taken("redeliveries")]
        for some in batched(waiting, TEN, strict=False):
            self._consume("deliver_webhooks", some)

    def plan(self) -> list[str]:
        """Return the commands of one tick of the schedule."""
        self._invoke("schedule_polls", {})
        return self._taken("polls")

    def publish(self) -> None:
        """Give the changed rows to the publisher, in the lanes of the stream."""
        for some in in_lanes(self.meter.take_changes()):
            self._invoke("publish_events", {"Records": list(map(_record, some))})

    def pass_time(self, seconds: float) -> None:
        """Let time pass, here and at the providers."""
        self.clock.pass_time(seconds)
        self.simulators.set_clocks(self.clock.now())

    def sweep(self, *, seconds: float) -> None:
        """Let time pass, and handle what the sweeper finds."""
        self.tick(seconds=seconds)
        self._consume("issue_barcodes", self._taken("signups"))
        self.poll()
        self.deliver()

    def know_idle_tick(self, *, seconds: float) -> None:
        """Let the sweeper find nothing; what that costs is taken off each later tick."""
        self.bill()
        self.tick(seconds=seconds)
        self._idle.append(self.bill())

    def idle_minute(self) -> str:
        """Start what a schedule starts each minute, and return what it prints; it is billed."""
        outputs = []
        for function in ("sweep_due", "schedule_polls"):
            _, output = self._run(function, {})
            outputs.append(output)
        return "".join(outputs)

    def tick(self, *, seconds: float) -> None:
        """Let time pass, and let the sweeper put into the queues what is due.

        A tick that finds nothing is not billed: it costs the same for any number of rows.
        """
        self.pass_time(seconds)
        self._invoke("sweep_due", {})
        for idle in self._idle:
            self.meter.add(Bill() - idle)

    def _taken(self, queue: str) -> list[str]:
        return self.meter.sent.pop(queue, [])

    def _consume(self, function: str, bodies: Sequence[str]) -> None:
        """Handle a batch: Lambda receives and deletes ten messages a call."""
        if not bodies:
            return
        self.meter.add(Bill(sqs=2 * math.ceil(len(bodies) / TEN)))
        records = [
            {"messageId": f"message-{number}", "body": body} for number, body in enumerate(bodies)
        ]
        answer = self._invoke(function, {"Records": records})
        assert answer == {"batchItemFailures": []}, answer

    def _invoke(self, function: str, event: Mapping[str, Sequence[object]]) -> object:
        answer, _ = self._run(function, event)
        return answer

    def _run(self, function: str, event: Mapping[str, Sequence[object]]) -> tuple[object, str]:
        handler = import_module(f"functions.{function}.handler").handler
        with printed(function) as output:
            answer = handler(event, Context(function_name=function, milliseconds=MILLISECONDS))
        records = len(event.get("Records", ()))
        self.meter.add(
            Bill(
                invocations=1,
                gigabyte_seconds=PRICES.gigabyte_seconds(function, records=records),
                logged=PLATFORM_BYTES + len(output.getvalue().encode()),
            )
        )
        return answer, output.getvalue()


def _record(change: Change) -> Mapping[str, object]:
    before, after = change
    old = {} if before is None else {"OldImage": before}
    return {"dynamodb": {"SequenceNumber": "1", "NewImage": after, **old}}
