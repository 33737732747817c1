"""Batches from a queue: size and window of the event source mapping, pollers that each have one."""

import os
import random
import threading
import time
from typing import TypedDict

from ministack.services import lambda_svc, sqs

from couponbus_sandbox.engine.collectors import Batching, Collectors
from couponbus_sandbox.engine.shims.queue_storage import alone

COLLECTORS = "ENGINE_COLLECTORS"
DEFAULT_VISIBILITY = "30"
DEFAULT_CONCURRENCY = lambda_svc._ESM_SQS_DEFAULT_CONCURRENCY


class Message(TypedDict):
    """The part of a stored message that decides about its batch; times in epoch seconds."""

    id: str
    body: str
    visible_at: float


_collectors: dict[str, Collectors] = {}


def install() -> None:
    """Replace the receive of the pollers, which takes 10 messages at most and never waits."""
    sqs._receive_messages_for_esm = alone(_receive)


def _receive(queue_url: str, batch_size: int) -> list[Message]:
    queue = sqs._get_q(queue_url)
    sqs._expire_retained(queue)
    sqs._dlq_sweep(queue)
    now = time.time()
    waiting = {each["id"]: each for each in queue["messages"] if each["visible_at"] <= now}
    mapping_id, batching = _mapping(queue["attributes"]["QueueArn"])
    collectors = _collectors.setdefault(mapping_id, Collectors(random.Random(0)))  # noqa: S311
    sizes = {each: len(message["body"].encode()) for each, message in waiting.items()}
    due = collectors.due(sizes, batching=batching, now=now)
    if not due:
        _wake_after(collectors.ends(batching.window), now)
        return []
    visibility = int(queue["attributes"].get("VisibilityTimeout", DEFAULT_VISIBILITY))
    taken = {**queue, "messages": [waiting[each] for each in due]}
    received: list[Message] = sqs._collect_msgs(taken, len(due), visibility)
    return received


def _mapping(queue_arn: str) -> tuple[str, Batching]:
    """Return the mapping of a queue and its settings; a poller that invokes does not collect."""
    for mapping_id, mapping in lambda_svc._esms.items():
        if mapping.get("EventSourceArn") == queue_arn:
            scaling = mapping.get("ScalingConfig") or {}
            most = scaling.get("MaximumConcurrency") or DEFAULT_CONCURRENCY
            idle = most - lambda_svc._esm_inflight.get(mapping_id, 0)
            return str(mapping_id), Batching(
                size=int(mapping["BatchSize"]),
                window=float(mapping["MaximumBatchingWindowInSeconds"]),
                collectors=min(int(os.environ[COLLECTORS]), idle),
            )
    return queue_arn, Batching(size=1, window=0.0, collectors=1)


def _wake_after(ends: float | None, now: float) -> None:
    """Wake the pollers when a window closes; by themselves they check only once a second."""
    if ends is None:
        return
    timer = threading.Timer(ends - now, lambda_svc._esm_wake.set)
    timer.daemon = True
    timer.start()
