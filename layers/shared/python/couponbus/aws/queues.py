"""SQS: messages by ten, what was refused sent again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from couponbus.aws.failure import CallFailed, code_of
from couponbus.aws.parcels import Parcel, parcels
from couponbus.domain.errors import QueueUnavailable
from couponbus.events.base import Command
from couponbus.events.commands import QuarantineLetter
from couponbus.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ROUNDS = 4
FIRST_PAUSE = 0.1


class _Queue:
    def __init__(self, *, client: "SQSClient", url: str, clock: Clock) -> None:
        """Take the queue's URL and a clock to pause with."""
        self._client = client
        self._url = url
        self._clock = clock

    def _send(self, messages: Sequence[Command]) -> None:
        bodies = [message.model_dump_json() for message in messages]
        sizes = [len(body.encode()) for body in bodies]
        left: Sequence[int] = range(len(bodies))
        for each in range(ROUNDS):
            left = [place for call in parcels(bodies, sizes, left) for place in self._refused(call)]
            if not left:
                return
            self._clock.sleep(FIRST_PAUSE * 2**each)
        raise QueueUnavailable(f"send_message_batch: {len(left)} refused")

    def _refused(self, call: Parcel[str]) -> Sequence[int]:
        try:
            answer = self._client.send_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(place), "MessageBody": body}
                    for place, body in zip(call.places, call.entries, strict=True)
                ],
            )
        except CallFailed as error:
            raise QueueUnavailable(f"send_message_batch: {code_of(error)}") from None
        return sorted(int(failed["Id"]) for failed in answer.get("Failed", []))


class SqsCommands(_Queue):
    """`ports.Commands`."""

    def send(self, commands: Sequence[Command]) -> None:
        """Send all, each at least once. Raises QueueUnavailable."""
        self._send(commands)


class SqsQuarantine(_Queue):
    """`ports.Quarantine`."""

    def put(self, letters: Sequence[QuarantineLetter]) -> None:
        """Store all, each at least once. Raises QueueUnavailable."""
        self._send(letters)
