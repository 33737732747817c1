"""SQS: ten messages a call, refused ones sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from couponbus.aws.batches import Batch, batches
from couponbus.aws.ledger.errors import CallFailed, code_of
from couponbus.domain.errors import QueueUnavailable
from couponbus.events.base import Command
from couponbus.events.commands import AttemptDeliveries, QuarantineLetter
from couponbus.ports.shared import Clock

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

ROUNDS = 4
FIRST_PAUSE = 0.1
BRACKETS = 2  # bytes of a list around one entry, at least a comma for each further one


class _Way(NamedTuple):
    delay: int
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Queue:
    client: "SQSClient"
    url: str
    clock: Clock

    def _send(self, bodies: Sequence[str], *, ways: Sequence[_Way] = ()) -> None:
        """Send bodies, each with the delay and group at its place in `ways`, if any."""
        bodies = [*map(_sendable, bodies)]
        sizes = [len(body.encode()) for body in bodies]
        left: Sequence[int] = range(len(bodies))
        for each in range(ROUNDS):
            calls = batches(bodies, sizes, left)
            left = [place for call in calls for place in self._refused(call, ways)]
            if not left:
                return
            self.clock.sleep(FIRST_PAUSE * 2**each)
        text = f"send_message_batch: {len(left)} refused"
        raise QueueUnavailable(text, code="send_message_batch:refused")

    def _refused(self, call: Batch[str], ways: Sequence[_Way]) -> Sequence[int]:
        try:
            answer = self.client.send_message_batch(
                QueueUrl=self.url,
                Entries=[
                    _entry(place, body, ways)
                    for place, body in zip(call.places, call.entries, strict=True)
                ],
            )
        except CallFailed as error:
            code = code_of(error)
            text = f"send_message_batch: {code}"
            raise QueueUnavailable(text, code=f"send_message_batch:{code}") from None
        return sorted(int(failed["Id"]) for failed in answer.get("Failed", []))


def _sendable(body: str) -> str:
    """Return JSON that says the same in characters that SQS takes: for one it refuses a call."""
    return body.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


def _entry(place: int, body: str, ways: Sequence[_Way]) -> "SendMessageBatchRequestEntryTypeDef":
    entry: SendMessageBatchRequestEntryTypeDef = {"Id": str(place), "MessageBody": body}
    if not ways:
        return entry
    way = ways[place]
    entry["DelaySeconds"] = way.delay
    return entry if way.group is None else {**entry, "MessageGroupId": way.group}


class SqsCommands(_Queue):
    """`ports.Commands`."""

    def send(self, commands: Sequence[Command], *, delays: Sequence[int] = ()) -> None:
        """Send all, each at least once. Raises QueueUnavailable."""
        self._send(
            # A worker of an older version refuses a field that it does not know, None included.
            [command.model_dump_json(exclude_none=True) for command in commands],
            ways=[_Way(delay) for delay in delays],
        )


class SqsDeliveries(_Queue):
    """`ports.webhooks.DeliveryQueue`: a fair queue, on which each endpoint is a message group.

    On a standard queue a group implies no order: messages of other groups overtake those of a
    group that keeps many workers busy (SQS developer guide, "Amazon SQS fair queues").
    """

    def send(self, commands: Sequence[AttemptDeliveries], *, delays: Sequence[int] = ()) -> None:
        """Send all, each at least once. Raises QueueUnavailable."""
        kept_back = delays or repeat(0, len(commands))
        self._send(
            [command.model_dump_json() for command in commands],
            ways=[
                _Way(delay, command.endpoint_id)
                for command, delay in zip(commands, kept_back, strict=True)
            ],
        )


class SqsSignUps(_Queue):
    """`ports.callbacks.SignUps`."""

    def send(self, messages: Sequence[str]) -> None:
        """Send all, each at least once. Raises QueueUnavailable."""
        self._send(messages)


class SqsNotifications(_Queue):
    """The queue of published events of which webhooks are made."""

    def send(self, events: Sequence[str]) -> None:
        """Send all, each at least once, ten in a message. Raises QueueUnavailable.

        So a hundred events cost one call.
        """
        events = [*map(_sendable, events)]  # before they are measured, as they grow
        sizes = [len(event.encode()) + BRACKETS for event in events]
        groups = batches(events, sizes, range(len(events)))
        self._send([f"[{','.join(group.entries)}]" for group in groups])


class SqsUnidentified(_Queue):
    """`ports.issuing.Unidentified`."""

    def keep(self, bodies: Sequence[str]) -> None:
        """Store all, each at least once. Raises QueueUnavailable."""
        # SQS takes no lone surrogates, and no message that came from there has any.
        self._send([body.encode(errors="backslashreplace").decode() for body in bodies])


class SqsQuarantine(_Queue):
    """`ports.Quarantine`."""

    def put(self, records: Sequence[QuarantineLetter]) -> None:
        """Store all, each at least once. Raises QueueUnavailable."""
        self._send([record.model_dump_json() for record in records])
