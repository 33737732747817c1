"""SQS queues of a stage: their depths, and the two that take commands."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from couponbus.aws.queues import SqsCommands, SqsDeliveries, SqsSignUps
from couponbus.events.base import Command
from couponbus.events.commands import AttemptDeliveries
from couponbus.ports.shared import Clock
from couponbus_cli.app.stage import Target

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

WORK = ("signups", "polls", "notifications", "deliveries", "redeliveries")
LAST_STOPS = (
    *(f"{name}-dead" for name in WORK),
    *("quarantine", "unidentified", "undelivered", "unpublished"),
)
QUEUES = (*WORK, *LAST_STOPS)
PER_CALL = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """Messages of one queue; SQS counts them approximately."""

    queue: str
    visible: int
    in_flight: int
    arn: str = ""
    url: str = ""


class SqsQueues:
    """The queues of a stage, found by their names."""

    def __init__(self, *, client: "SQSClient", target: Target) -> None:
        self._client = client
        self._target = target

    def depths(self) -> Sequence[Depth]:
        """Return the depth of each queue. Raises ClientError, BotoCoreError."""
        first, *_ = QUEUES
        # All lie in one account: a call for the address of each would double the calls.
        folder = _url(self._client, self._target, first).rpartition("/")[0]
        return [self._depth(queue, folder) for queue in QUEUES]

    def _depth(self, queue: str, folder: str) -> Depth:
        url = f"{folder}/{self._target.part(queue)}"
        answer = self._client.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "QueueArn",
            ],
        )
        counts = answer["Attributes"]
        return Depth(
            queue=queue,
            visible=int(counts["ApproximateNumberOfMessages"]),
            in_flight=int(counts["ApproximateNumberOfMessagesNotVisible"]),
            arn=counts["QueueArn"],
            url=url,
        )


class SqsPolls:
    """`ports.Commands` of the queue that `poll_redemptions` reads, with its URL looked up once."""

    def __init__(self, *, client: "SQSClient", target: Target, clock: Clock) -> None:
        self._client = client
        self._target = target
        self._clock = clock

    def send(self, commands: Sequence[Command], *, delays: Sequence[int] = ()) -> None:
        """Send all, each at least once. Raises QueueUnavailable, ClientError, BotoCoreError."""
        self._commands.send(commands, delays=delays)

    @cached_property
    def _commands(self) -> SqsCommands:
        url = _url(self._client, self._target, "polls")
        return SqsCommands(client=self._client, url=url, clock=self._clock)


class SqsRedeliveries:
    """`ports.webhooks.DeliveryQueue` for retries and replays, with its URL looked up once."""

    def __init__(self, *, client: "SQSClient", target: Target, clock: Clock) -> None:
        self._client = client
        self._target = target
        self._clock = clock

    def send(self, commands: Sequence[AttemptDeliveries], *, delays: Sequence[int] = ()) -> None:
        """Send all, each at least once. Raises QueueUnavailable, ClientError, BotoCoreError."""
        self._deliveries.send(commands, delays=delays)

    @cached_property
    def _deliveries(self) -> SqsDeliveries:
        url = _url(self._client, self._target, "redeliveries")
        return SqsDeliveries(client=self._client, url=url, clock=self._clock)


class SqsUnidentified:
    """The queue of messages without a sign-up id; SQS moves only dead letters by itself."""

    def __init__(self, *, client: "SQSClient", target: Target, clock: Clock) -> None:
        self._client = client
        self._target = target
        self._clock = clock

    def send_again(self, *, limit: int) -> int:
        """Send up to `limit` to `signups`, and return how many: each is sent before it is deleted.

        Raises QueueUnavailable, ClientError, BotoCoreError.
        """
        url = _url(self._client, self._target, "unidentified")
        sent = 0
        while sent < limit and (found := self._received(url, limit=min(PER_CALL, limit - sent))):
            self._sign_ups.send([each["Body"] for each in found])
            self._client.delete_message_batch(
                QueueUrl=url,
                Entries=[
                    {"Id": str(place), "ReceiptHandle": each["ReceiptHandle"]}
                    for place, each in enumerate(found)
                ],
            )
            sent += len(found)
        return sent

    def _received(self, url: str, *, limit: int) -> Sequence["MessageTypeDef"]:
        # Without a wait SQS asks only some of its servers.
        answer = self._client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=limit, WaitTimeSeconds=1
        )
        return answer.get("Messages", [])

    @cached_property
    def _sign_ups(self) -> SqsSignUps:
        url = _url(self._client, self._target, "signups")
        return SqsSignUps(client=self._client, url=url, clock=self._clock)


def _url(client: "SQSClient", target: Target, queue: str) -> str:
    return client.get_queue_url(QueueName=target.part(queue))["QueueUrl"]
