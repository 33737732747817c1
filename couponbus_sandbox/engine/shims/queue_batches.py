"""Batches from a queue by the batch size and the window of the event source mapping."""

import threading
import time
from typing import TypedDict

from ministack.services import lambda_svc, sqs

from couponbus_sandbox.engine.shims.queue_storage import alone

LARGEST_PAYLOAD = 6 * 1024 * 1024
DEFAULT_VISIBILITY = "30"


class Message(TypedDict):
    """The part of a stored message that decides about its batch; times in epoch seconds."""

    body: str
    sent_at: float
    visible_at: float


def install() -> None:
    """Replace the receive of the pollers, which takes 10 messages at most and never waits."""
    sqs._receive_messages_for_esm = alone(_receive)


def _receive(queue_url: str, batch_size: int) -> list[Message]:
    queue = sqs._get_q(queue_url)
    sqs._expire_retained(queue)
    sqs._dlq_sweep(queue)
    now = time.time()
    waiting = [message for message in queue["messages"] if message["visible_at"] <= now]
    count = _fitting(waiting[: int(batch_size)])
    if not waiting or not _is_due(waiting, count, queue["attributes"]["QueueArn"], now):
        return []
    visibility = int(queue["attributes"].get("VisibilityTimeout", DEFAULT_VISIBILITY))
    received: list[Message] = sqs._collect_msgs(queue, count, visibility)
    return received


def _fitting(messages: list[Message]) -> int:
    """Return how many leading messages one synchronous invocation can carry (Lambda quotas)."""
    total = 0
    for count, message in enumerate(messages):
        total += len(message["body"].encode())
        if total > LARGEST_PAYLOAD:
            return max(count, 1)
    return len(messages)


def _is_due(waiting: list[Message], count: int, queue_arn: str, now: float) -> bool:
    """Return whether the batch is full or its oldest message has waited for the window."""
    size, window = _settings(queue_arn)
    if count >= size or count < len(waiting):
        return True
    due = min(max(message["sent_at"], message["visible_at"]) for message in waiting) + window
    if now >= due:
        return True
    _wake_after(due - now)
    return False


def _settings(queue_arn: str) -> tuple[int, float]:
    for mapping in lambda_svc._esms.values():
        if mapping.get("EventSourceArn") == queue_arn:
            return int(mapping["BatchSize"]), float(mapping["MaximumBatchingWindowInSeconds"])
    return 1, 0.0


def _wake_after(seconds: float) -> None:
    """Wake the pollers when a window closes; by themselves they check only once a second."""
    timer = threading.Timer(seconds, lambda_svc._esm_wake.set)
    timer.daemon = True
    timer.start()
