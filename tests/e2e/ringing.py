"""The alarms of the deployed product: those that ring, and what their topic was told."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from couponbus_sandbox.local.stack import NAMESPACE
from tests.e2e.engine.laboratory import until
from tests.e2e.product import Product

HEARD = "heard"


class Ringing:
    """Subscribes a queue to the topic, and lets minutes pass."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._stack = product.stack
        self._told: list[tuple[str, str]] = []
        self._queue = self._subscribed()

    def minutes(self, count: int = 1, *, does: Callable[[], object] = lambda: None) -> None:
        """Let minutes pass; in each the sweeper ticks, as its schedule would have it.

        Each begins with a new minute of the alarms, so that all of it is in one.
        """
        for _ in range(count):
            self._stack.move_clock(seconds=61 - self._stack.clock.now().timestamp() % 60)
            does()
            self._stack.invoke("sweep_due")

    def until_state(self, alarm: str, state: str) -> None:
        """Pass the minute, and wait until it is evaluated."""
        self.minutes()
        until(lambda: self.state(alarm) == state)

    def until_rings(self, alarm: str, *, within: int, does: Callable[[], object]) -> None:
        """Pass minutes until the alarm rings; fail when it does not `within` so many."""
        for _ in range(within):
            if self.state(alarm) == "ALARM":
                return
            self.minutes(does=does)
        raise AssertionError(f"{alarm}: {self.state(alarm)} after {within} minutes")

    def state(self, alarm: str) -> str:
        described = self._stack.access.metrics().describe_alarms(
            AlarmNames=[f"{NAMESPACE}-{alarm}"]
        )
        [found] = described["MetricAlarms"]
        return found["StateValue"]

    def told(self, alarm: str) -> Sequence[str]:
        """Return the states of an alarm that the topic was told so far, after its first OK."""
        client = self._stack.access.sqs()
        while messages := client.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                body = cast(Mapping[str, str], json.loads(message["Body"]))
                self._told.append((body["AlarmName"], body["NewStateValue"]))
                client.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        states = [state for name, state in self._told if name == f"{NAMESPACE}-{alarm}"]
        return states[states.index("ALARM") :] if "ALARM" in states else []

    def _subscribed(self) -> str:
        access = self._stack.access
        topic = self._stack.stacks[f"{NAMESPACE}-monitoring"].outputs["AlarmTopicArn"]
        url = access.sqs().create_queue(QueueName=HEARD)["QueueUrl"]
        names = access.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = names["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        access.sqs().set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        access.session.client("sns", **access.where).subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"RawMessageDelivery": "true"},
        )
        return url
