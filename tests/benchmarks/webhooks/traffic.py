"""The AWS requests of the webhook functions, seen from inside botocore: calls, units, messages."""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import botocore.handlers
from botocore.awsrequest import AWSPreparedRequest

from tests.benchmarks.units import Item, Units, size

BLOCK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """Everything since the last bill; units as DynamoDB bills them, reads consistent ones."""

    rows: int
    table_units: int
    index_units: int
    read_units: int
    sends: int
    messages: int


class Traffic:
    """Counts, and keeps the bodies of messages for the reader of the queue."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._units = Units()
        self._asked = self._found = self._read = 0
        self._sent: list[str] = []
        self._messages = 0

    def watch(self) -> None:
        """Observe the requests and answers of all clients that are made from now on."""
        # The list in which botocore keeps its own hooks.
        botocore.handlers.BUILTIN_HANDLERS.append(("before-send", self._see))
        answers = "after-call.dynamodb.BatchGetItem"
        botocore.handlers.BUILTIN_HANDLERS.append((answers, self._see_items))

    def taken(self) -> Sequence[str]:
        """Return the messages that were not taken yet."""
        taken, self._sent = self._sent, []
        return taken

    def bill(self) -> Bill:
        """Return the requests since the last bill."""
        bill = Bill(
            rows=len(self._units.changes),
            table_units=self._units.all_of_table(),
            index_units=self._units.indexes.total(),
            # A missing item costs as much as a small one.
            read_units=self._read + self._asked - self._found,
            sends=self.calls["SendMessageBatch"],
            messages=self._messages,
        )
        self._units.forget()
        self.calls.clear()
        self._asked = self._found = self._read = self._messages = 0
        return bill

    def _see(self, event_name: str, request: AWSPreparedRequest, **_: object) -> None:
        operation = event_name.rpartition(".")[2]
        body = request.body if isinstance(request.body, bytes) else b""
        self.calls[operation] += 1
        self._units.note(operation, body)
        if operation == "SendMessageBatch":
            bodies = [entry["MessageBody"] for entry in json.loads(body)["Entries"]]
            self._sent += bodies
            self._messages += len(bodies)
        if operation == "BatchGetItem":
            wanted = json.loads(body)["RequestItems"]
            self._asked += sum(len(each["Keys"]) for each in wanted.values())

    def _see_items(self, parsed: Mapping[str, Mapping[str, list[Item]]], **_: object) -> None:
        for items in parsed["Responses"].values():
            self._found += len(items)
            self._read += sum(math.ceil(size(item) / BLOCK) for item in items)
