"""A subscriber to everything that couponbus publishes: a rule on the bus and a queue of its own."""

import contextlib
import json
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.local_stack import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

NAME = "couponbus-demo-events"
PUBLISHERS = ["couponbus.barcodes", "couponbus.sign_ups"]
WAIT_SECONDS = 1
END_SECONDS = 5.0


class Subscription:
    """The events that arrived so far: how often each id was delivered, by type and sign-up."""

    def __init__(self, *, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url
        self._lock = threading.Lock()
        self._events: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        self.over = threading.Event()

    def events(self, detail_type: str) -> Mapping[str, Counter[str]]:
        """Return deliveries by event id, by sign-up id."""
        with self._lock:
            found = self._events.get(detail_type, {})
            return {signup_id: Counter(ids) for signup_id, ids in found.items()}

    def counts(self) -> Mapping[str, int]:
        """Return deliveries by type."""
        with self._lock:
            return {
                detail_type: sum(ids.total() for ids in by_sign_up.values())
                for detail_type, by_sign_up in sorted(self._events.items())
            }

    def listen(self) -> None:
        """Take events from the queue until it is over."""
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
        self._note(messages)
        self._client.delete_message_batch(
            QueueUrl=self._url,
            Entries=[
                {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                for index, message in enumerate(messages)
            ],
        )

    def _note(self, messages: "list[MessageTypeDef]") -> None:
        with self._lock:
            for message in messages:
                event = json.loads(message["Body"])
                detail = event["detail"]
                ids = self._events[event["detail-type"]][detail["data"]["signup_id"]]
                ids[detail["metadata"]["id"]] += 1


@contextlib.contextmanager
def subscribed(stack: LocalStack) -> Iterator[Subscription]:
    """Listen in the background to what the bus carries, until the block ends."""
    client = stack.access.sqs()
    url = client.create_queue(QueueName=NAME)["QueueUrl"]
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": _only_from_the_bus(arn)})
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


def _only_from_the_bus(arn: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
