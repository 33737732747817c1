"""The alarms of the deployed product: those that ring, and what their topic published."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from tests.e2e.engine.laboratory import until
from tests.e2e.product import Product

HEARD = "heard"


class Ringing:
    """Subscribes a queue to the topic, and lets minutes pass."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._stack = product.stack
        self._notified: list[tuple[str, str]] = []
        self._queue = self._subscribed()

    def passes(self, minutes: int = 1) -> None:
        """Let minutes pass, at whose end the sweeper ticks.

        A new minute of the alarms begins before the tick, so that all of it is in one.
        """
        into = self._stack.clock.now().timestamp() % 60
        self._stack.move_clock(seconds=60 * minutes - into + 1)
        self._stack.invoke("sweep_due")

    def until_state(self, alarm: str, state: str) -> None:
        """Let the minute pass, and wait until it is evaluated."""
        self.passes()
        until(lambda: self.state(alarm) == state)

    def until_becomes(
        self, alarm: str, state: str, *, each: int, steps: int, does: Callable[[], object]
    ) -> None:
        """Let `each` minutes pass at a time until the alarm has the state; fail after `steps`."""
        for _ in range(steps):
            self.passes(each)
            does()
            if self.state(alarm) == state:
                return
        raise AssertionError(f"{alarm}: {self.state(alarm)} after {steps} x {each} minutes")

    def state(self, alarm: str) -> str:
        described = self._stack.access.metrics().describe_alarms(
            AlarmNames=[self._stack.names.of(alarm)]
        )
        [found] = described["MetricAlarms"]
        return found["StateValue"]

    def notified(self, alarm: str) -> Sequence[str]:
        """Return the states of an alarm that the topic published so far, after its first OK."""
        client = self._stack.access.sqs()
        while messages := client.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                body = cast(Mapping[str, str], json.loads(message["Body"]))
                self._notified.append((body["AlarmName"], body["NewStateValue"]))
                client.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        states = [state for name, state in self._notified if name == self._stack.names.of(alarm)]
        return states[states.index("ALARM") :] if "ALARM" in states else []

    def _subscribed(self) -> str:
        access = self._stack.access
        topic = self._stack.stacks[self._stack.names.of("monitoring")].outputs["AlarmTopicArn"]
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
