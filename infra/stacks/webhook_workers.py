"""The two functions that make and send webhooks, as parts of the stack of workers."""

from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import permissions, settings
from infra.constructs.python_function import Platform, PythonFunction
from infra.constructs.queue_worker import Batching, QueueWorker
from infra.stacks.messaging import DELIVER_TIMEOUT, FAN_OUT_TIMEOUT, Messaging
from infra.stacks.state import State


def fan_out_webhooks(
    scope: Construct, platform: Platform, state: State, messaging: Messaging
) -> PythonFunction:
    """Add what makes deliveries of events."""
    stage = platform.stage
    worker = PythonFunction(
        scope,
        "FanOutWebhooks",
        platform=platform,
        settings=settings.fan_out_webhooks(stage, state, messaging),
        permissions=permissions.fan_out_webhooks(state, messaging),
        timeout=FAN_OUT_TIMEOUT,
        memory_mb=512,
    )
    QueueWorker(
        scope,
        "FanOutWebhooksFromNotifications",
        worker=worker,
        queue=messaging.notifications,
        batching=Batching(
            size=stage.notify_batch_size,
            window_seconds=stage.notify_window_seconds,
            concurrency=stage.notify_concurrency,
        ),
    )
    return worker


def deliver_webhooks(
    scope: Construct, platform: Platform, state: State, messaging: Messaging
) -> PythonFunction:
    """Add the sender; whoever fails can keep only the workers of the second queue busy."""
    stage = platform.stage
    worker = PythonFunction(
        scope,
        "DeliverWebhooks",
        platform=platform,
        settings=settings.deliver_webhooks(stage, state, messaging),
        permissions=permissions.deliver_webhooks(state, messaging),
        timeout=DELIVER_TIMEOUT,
        memory_mb=1024,
    )
    queues: dict[str, tuple[sqs.IQueue, int]] = {
        "Deliveries": (messaging.deliveries, stage.deliver_concurrency),
        "Redeliveries": (messaging.redeliveries, stage.redeliver_concurrency),
    }
    for name, (queue, concurrency) in queues.items():
        QueueWorker(
            scope,
            f"DeliverWebhooksFrom{name}",
            worker=worker,
            queue=queue,
            batching=Batching(
                size=stage.deliver_batch_size, window_seconds=0, concurrency=concurrency
            ),
        )
    return worker
