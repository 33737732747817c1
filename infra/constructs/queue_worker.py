"""A function that reads a queue in large batches and reports which messages failed."""

from typing import Literal

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.python_function import PythonFunction
from infra.declared import Batching


def visibility_for(timeout: Duration, *, window: Duration) -> Duration:
    """Return six timeouts and the window: visibility runs from the poller's receive (SQS docs)."""
    return Duration.seconds(6 * timeout.to_seconds() + window.to_seconds())


class QueueWorker(Construct):
    """The mapping from a queue to a worker's alias; a queue that is `paused` is not read.

    That it is enabled is said, too: a deployment that changes the mapping then ends a stop by hand.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        worker: PythonFunction,
        queue: sqs.IQueue,
        batching: Batching,
        state: Literal["reading", "paused"],
    ) -> None:
        super().__init__(scope, id_)
        self.mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=worker.alias,
            event_source_arn=queue.queue_arn,
            batch_size=batching.size,
            max_batching_window=Duration.seconds(batching.window_seconds),
            max_concurrency=batching.concurrency,
            report_batch_item_failures=True,
            enabled=state == "reading",
        )
