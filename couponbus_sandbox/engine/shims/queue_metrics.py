"""How many messages a queue has and how old its oldest is, which SQS reports once a minute."""

import time
from typing import TypedDict

from ministack.services import cloudwatch, sqs

NAMESPACE = "AWS/SQS"
LEFT_OUT_AFTER = 3
MOVED = "DeadLetterQueueSourceArn"


class Message(TypedDict):
    """The part of a stored message that decides about its age; times in epoch seconds."""

    sent_at: float
    visible_at: float
    receive_count: int
    sys: dict[str, str]


def measure() -> None:
    """Record both metrics of each queue; ages are those of the machine's time."""
    now = time.time()
    for queue in sqs._queues.values():
        messages: list[Message] = list(queue["messages"])
        of_queue = {"QueueName": queue["name"]}
        visible = sum(message["visible_at"] <= now for message in messages)
        oldest = max((_age(message, now) for message in messages), default=0.0)
        cloudwatch.record_metric(
            NAMESPACE, "ApproximateNumberOfMessagesVisible", visible, "Count", of_queue
        )
        cloudwatch.record_metric(
            NAMESPACE, "ApproximateAgeOfOldestMessage", oldest, "Seconds", of_queue
        )


def _age(message: Message, now: float) -> float:
    """Return how long it waits; SQS leaves out what was received in vain three times.

    The age of a dead letter begins when it is moved (SQS developer guide, "dead-letter queues").
    """
    if MOVED in message["sys"]:
        return max(now - message["visible_at"], 0.0)
    if message["receive_count"] >= LEFT_OUT_AFTER:
        return 0.0
    return now - message["sent_at"]
