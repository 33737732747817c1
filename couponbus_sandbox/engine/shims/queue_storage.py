"""One lock for every change of a queue, because MiniStack's threads replace its message list."""

import threading
from collections.abc import Callable
from functools import wraps

from ministack.services import eventbridge, lambda_svc, sqs

_CHANGES = threading.RLock()
_INSIDE_THE_QUEUE = ("_expire_retained", "_dlq_sweep", "_collect_msgs", "_delete_messages_for_esm")
_ACTIONS = (
    "SendMessage",
    "SendMessageBatch",
    "DeleteMessage",
    "DeleteMessageBatch",
    "ChangeMessageVisibility",
    "ChangeMessageVisibilityBatch",
    "PurgeQueue",
)


def install() -> None:
    """Serialise the threads that append to a queue with those that rewrite it.

    A poller thread filters a queue into a new list and stores it; a message that the gateway
    appended to the old list in between would be lost, which SQS never does.
    """
    for name in _INSIDE_THE_QUEUE:
        setattr(sqs, name, alone(getattr(sqs, name)))
    for action in _ACTIONS:
        sqs._HANDLERS[action] = alone(sqs._HANDLERS[action])
    eventbridge._dispatch_to_sqs = alone(eventbridge._dispatch_to_sqs)
    lambda_svc._route_async_failure = alone(lambda_svc._route_async_failure)
    lambda_svc._send_ddb_stream_failure_record = alone(lambda_svc._send_ddb_stream_failure_record)


def alone[**P, R](change: Callable[P, R]) -> Callable[P, R]:
    """Return the same function, which waits until no other change of a queue is running."""

    @wraps(change)
    def waiting(*args: P.args, **kwargs: P.kwargs) -> R:
        with _CHANGES:
            return change(*args, **kwargs)

    return waiting
