"""How much waits in each queue of a stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.stage import Target

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

QUEUES = ("signups", "signups-dead", "quarantine", "undelivered", "unpublished")


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """Messages of one queue; SQS counts them approximately."""

    queue: str
    visible: int
    in_flight: int


class SqsQueues:
    """The queues of a stage, found by their names."""

    def __init__(self, *, client: "SQSClient", target: Target) -> None:
        self._client = client
        self._target = target

    def depths(self) -> Sequence[Depth]:
        """Return the depth of each queue. Raises ClientError, BotoCoreError."""
        return [self._depth(queue) for queue in QUEUES]

    def _depth(self, queue: str) -> Depth:
        url = self._client.get_queue_url(QueueName=self._target.part(queue))["QueueUrl"]
        answer = self._client.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )
        counts = answer["Attributes"]
        return Depth(
            queue=queue,
            visible=int(counts["ApproximateNumberOfMessages"]),
            in_flight=int(counts["ApproximateNumberOfMessagesNotVisible"]),
        )
