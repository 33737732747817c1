"""The deployed laboratory: messages into its queues, and what its functions report."""

import itertools
import json
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

AT_ONCE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An invocation: what it was given, how many bytes that were, and when it ran."""

    items: tuple[str, ...]
    size: int
    began: float
    ended: float


@dataclass(kw_only=True)
class Laboratory:
    """`places` has the URL or name of each resource. What is read is kept for all who ask."""

    queues: "SQSClient"
    functions: "LambdaClient"
    places: Mapping[str, str]
    _kept: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, bench: str, bodies: Sequence[str], *, group: str = "") -> None:
        """Send messages to the function of a bench."""
        for chunk in itertools.batched(bodies, AT_ONCE, strict=False):
            self.queues.send_message_batch(
                QueueUrl=self.places[f"{bench}In"],
                Entries=[_entry(str(i), body, group) for i, body in enumerate(chunk)],
            )

    def enable(self, bench: str) -> None:
        """Let the function of a bench begin to read its queue."""
        mapping = self.places[f"{bench}Mapping"]
        self.functions.update_event_source_mapping(UUID=mapping, Enabled=True)

    def reports(self, bench: str, *, about: str = "") -> Sequence[Report]:
        """Return the invocations of a bench so far that were given an item that begins so.

        They come in any order, by a standard queue, and are in the order of their begins here.
        """
        found = [json.loads(each) for each in self.heard(f"{bench}Out")]
        reports = [Report(**{**each, "items": tuple(each["items"])}) for each in found]
        begun = sorted(reports, key=lambda each: each.began)
        return [each for each in begun if any(item.startswith(about) for item in each.items)]

    def heard(self, queue: str) -> Sequence[str]:
        """Return the bodies of all messages that came to a queue so far."""
        url = self.places[queue]
        with self._lock:
            while taken := self._take(url):
                self._kept[queue] += taken
            return tuple(self._kept[queue])

    def probe(self, who: str, service: str, call: str, **arguments: object) -> str:
        """Call AWS with the rights of a role, and return the code of its refusal, or nothing."""
        asked = {"service": service, "call": call, "arguments": arguments}
        answer = self.functions.invoke(
            FunctionName=self.places[f"As{who}"], Payload=json.dumps(asked).encode()
        )
        said = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise RuntimeError(f"the probe failed: {said}")
        return str(said)

    def _take(self, url: str) -> list[str]:
        received = self.queues.receive_message(QueueUrl=url, MaxNumberOfMessages=AT_ONCE)
        messages = received.get("Messages", [])
        for each in messages:
            self.queues.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return [each["Body"] for each in messages]


def _entry(id_: str, body: str, group: str) -> "SendMessageBatchRequestEntryTypeDef":
    entry: SendMessageBatchRequestEntryTypeDef = {"Id": id_, "MessageBody": body}
    return {**entry, "MessageGroupId": group} if group else entry
