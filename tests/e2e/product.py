"""The deployed product as its users see it: sign-ups in, barcodes at the provider, events out."""

import contextlib
import itertools
import json
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from couponbus_cli.app.world import open_world
from couponbus_cli.main import app
from couponbus_sandbox.coniq import ConiqSandbox
from couponbus_sandbox.demo.subscription import ReceivedEvent, Subscription
from couponbus_sandbox.demo.waiting import tick
from couponbus_sandbox.local.operating import reachable
from couponbus_sandbox.local.stack import LocalStack
from infra.functions.issue_barcodes import FUNCTION
from tests.e2e.engine.laboratory import until

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

SECONDS = 45.0
PUBLISH_GRACE = 5 + 1  # of `QUICK`, and a second more
OCCURRED_AT = "2026-01-31T12:00:00Z"
_numbers = itertools.count(1)

type Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer and the id of their first sign-up."""

    customer_id: int
    signup_id: str


def any_customer() -> Customer:
    """Return a customer of no other test; those of the odd sign-ups begin at 700001."""
    number = next(_numbers)
    return Customer(customer_id=800_000 + number, signup_id=f"e2e-{number}")


def sign_up(who: Customer, *, signup_id: str = "", kind: str = "plain", **fields: object) -> Json:
    return {
        "signup_id": signup_id or who.signup_id,
        "occurred_at": OCCURRED_AT,
        "customer": {"coniq_customer_id": who.customer_id},
        "attributes": {"kind": kind},
        **fields,
    }


class Product:
    def __init__(self, *, stack: LocalStack, subscription: Subscription) -> None:
        self.stack = stack
        self._subscription = subscription

    @property
    def coniq(self) -> ConiqSandbox:
        return self.stack.coniq

    def put_events(self, *details: Json) -> None:
        answer = self.stack.access.events().put_events(
            Entries=[
                {
                    "EventBusName": self.stack.bus,
                    "Source": "shop.test",
                    "DetailType": "CustomerSignedUp",
                    "Detail": json.dumps(detail),
                }
                for detail in details
            ]
        )
        assert answer["FailedEntryCount"] == 0

    def queue_up(self, *bodies: str, queue: str = "signups") -> None:
        """Send messages to a queue, without the bus."""
        answer = self.stack.access.sqs().send_message_batch(
            QueueUrl=self.stack.queues[queue],
            Entries=[{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies)],
        )
        assert len(answer["Successful"]) == len(bodies)

    def take(self, queue: str) -> Sequence[str]:
        """Return and delete up to ten messages that wait in a queue."""
        client, url = self.stack.access.sqs(), self.stack.queues[queue]
        messages = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in messages]

    def waiting(self, queue: str) -> int:
        """Return how many messages are in a queue, those that a function works on included."""
        names: list[QueueAttributeNameType] = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ]
        counted = self.stack.access.sqs().get_queue_attributes(
            QueueUrl=self.stack.queues[queue], AttributeNames=names
        )
        return sum(int(counted["Attributes"][name]) for name in names)

    def events(self) -> Sequence[ReceivedEvent]:
        """Return the events with a source of ours that the bus delivered so far."""
        return self._subscription.received()

    def received(self, detail_type: str, signup_id: str) -> Sequence[ReceivedEvent]:
        """Return the events about a sign-up that were delivered so far."""
        return [
            event
            for event in self.events()
            if (event.detail_type, event.signup_id) == (detail_type, signup_id)
        ]

    def until_received(self, detail_type: str, signup_id: str, *, seconds: float = SECONDS) -> Json:
        """Tick the sweeper until an event about a sign-up arrives, and return its data."""

        def poll() -> Sequence[ReceivedEvent]:
            tick(self.stack)
            return self.received(detail_type, signup_id)

        return until(poll, seconds=seconds)[0].data

    def barcodes(self, who: Customer) -> Sequence[Json]:
        """Return the customer's barcodes at the provider."""
        return [
            barcode
            for barcode in self.coniq.barcodes()
            if barcode["customer_id"] == who.customer_id
        ]

    def numbers(self, who: Customer) -> Sequence[str]:
        return [str(barcode["barcode_number"]) for barcode in self.barcodes(who)]

    @contextlib.contextmanager
    def retry_sign_ups_after(self, *, seconds: int, receives: int = 8) -> Iterator[None]:
        """Shorten the visibility timeout of sign-ups, and limit how often one may fail."""
        client, url = self.stack.access.sqs(), self.stack.queues["signups"]
        names: list[QueueAttributeNameType] = ["VisibilityTimeout", "RedrivePolicy"]
        before = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        policy = {**json.loads(before["RedrivePolicy"]), "maxReceiveCount": receives}
        client.set_queue_attributes(
            QueueUrl=url,
            Attributes={"VisibilityTimeout": str(seconds), "RedrivePolicy": json.dumps(policy)},
        )
        try:
            yield
        finally:
            client.set_queue_attributes(QueueUrl=url, Attributes=before)

    def failures(self, function: str) -> int:
        """Return how many batches of a function were retried, by its log."""
        return len(self.counts(function, "Failed"))

    def retried(self, function: str) -> int:
        """Return how many items of batches a function failed to do, by its log."""
        return sum(self.counts(function, "Failed"))

    def counts(self, function: str, metric: str) -> Sequence[int]:
        """Return what each batch of a function counted of something, by its log."""
        pages = self.stack.access.logs().get_paginator("filter_log_events")
        found = pages.paginate(
            logGroupName=f"/aws/lambda/{self.stack.functions[function]}",
            filterPattern=f'"counts" "{metric}"',
        )
        lines = [event["message"] for page in found for event in page["events"]]
        return [json.loads(line)["counts"][metric] for line in lines]

    def tick_for(self, *, seconds: float) -> None:
        """Tick the sweeper for a while."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            tick(self.stack)
            time.sleep(0.5)

    def lose_workers(self) -> None:
        """Let so much time pass that no worker can publish any more what it has issued."""
        self.stack.move_clock(seconds=FUNCTION.timeout_seconds + PUBLISH_GRACE)

    def invoke(self, function: str) -> Json:
        return self.stack.invoke(function)

    def apply(self, programs: Path) -> None:
        """Load the programs of a file."""
        applied = self.couponbus("programs", "apply", str(programs))
        assert applied.returncode == 0, applied.stdout + applied.stderr

    def couponbus(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command in this process; test_make_up.py runs it as a process of its own."""
        with reachable(self.stack) as place, contextlib.chdir(place):
            ended = CliRunner().invoke(app, arguments, obj=open_world)
        return subprocess.CompletedProcess(
            arguments, ended.exit_code, stdout=ended.stdout, stderr=ended.stderr
        )
