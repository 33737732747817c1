"""A subscriber to everything that couponbus publishes: a rule on the bus and a queue of its own."""

import contextlib
import json
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from couponbus_sandbox.local.stack import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

NAME = "couponbus-demo-events"
PUBLISHERS = [
    "couponbus.barcodes",
    "couponbus.endpoints",
    "couponbus.sign_ups",
    "couponbus.uniqodo",
    "couponbus.koupon",
]
WAIT_SECONDS = 1
END_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedEvent:
    """One delivery of an event; `signup_id` is empty for an event that names no sign-up."""

    detail_type: str
    signup_id: str
    event_id: str
    data: Mapping[str, object]


class Subscription:
    """The deliveries so far."""

    def __init__(self, *, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url
        self._lock = threading.Lock()
        self._received: list[ReceivedEvent] = []
        self.over = threading.Event()

    def received(self) -> Sequence[ReceivedEvent]:
        """Return every delivery, in the order of arrival."""
        with self._lock:
            return tuple(self._received)

    def events(self, detail_type: str) -> Mapping[str, Counter[str]]:
        """Return how often each event id was delivered, by sign-up id."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for event in self.received():
            if event.detail_type == detail_type:
                found[event.signup_id][event.event_id] += 1
        return found

    def distinct(self, detail_type: str) -> int:
        """Return the number of distinct events of this type, repeated deliveries left out."""
        return len(
            {event.event_id for event in self.received() if event.detail_type == detail_type}
        )

    def counts(self) -> Mapping[str, int]:
        """Return deliveries by type."""
        return Counter(sorted(event.detail_type for event in self.received()))

    def listen(self) -> None:
        """Receive events from the queue until `over` is set."""
        with contextlib.suppress(BotoCoreError, ClientError):
            while not self.over.is_set():
                self._take()

    def _take(self) -> None:
        received = self._client.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=WAIT_SECONDS
        )
        messages = received.get("Messages", [])
        if not messages:
            return
        with self._lock:
            self._received += map(_read, messages)
        self._client.delete_message_batch(
            QueueUrl=self._url,
            Entries=[
                {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                for index, message in enumerate(messages)
            ],
        )


@contextlib.contextmanager
def subscribed(stack: LocalStack) -> Iterator[Subscription]:
    """Receive the bus's events in the background until the block ends."""
    client = stack.access.sqs()
    url = client.create_queue(QueueName=NAME)["QueueUrl"]
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": from_the_bus(arn)})
    events = stack.access.events()
    pattern = json.dumps({"source": PUBLISHERS})
    events.put_rule(Name=NAME, EventBusName=stack.bus, EventPattern=pattern)
    events.put_targets(Rule=NAME, EventBusName=stack.bus, Targets=[{"Id": "demo", "Arn": arn}])
    subscription = Subscription(client=client, url=url)
    listener = threading.Thread(target=subscription.listen, daemon=True)
    listener.start()
    try:
        yield subscription
    finally:
        subscription.over.set()
        listener.join(END_SECONDS)


def from_the_bus(arn: str) -> str:
    """Return the policy of a queue that takes what a bus delivers."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _read(message: "MessageTypeDef") -> ReceivedEvent:
    """Return what arrived, empty where another sender than couponbus left something out."""
    event = json.loads(message["Body"])
    detail = event["detail"]
    data = detail.get("data", {})
    return ReceivedEvent(
        detail_type=event["detail-type"],
        signup_id=data.get("signup_id", ""),
        event_id=detail.get("metadata", {}).get("id", ""),
        data=data,
    )
