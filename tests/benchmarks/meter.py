"""AWS's meter: what our clients ask for, and what it changes in the table, as AWS bills it.

It compares the images of the table (moto's) before and after each request, so the kind of a write
matters for the factor of transactions only. A write that fails its condition costs as if it
were done, and nothing in indexes.
"""

import json
import math
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item as Stored

from tests.benchmarks.bill import Bill
from tests.benchmarks.units import (
    TRANSACTION,
    Change,
    Item,
    blocks,
    index_units,
    table_units,
)
from tests.integration.aws.faults import Hooks

if TYPE_CHECKING:
    from botocore.awsrequest import AWSRequest, AWSResponse
    from botocore.client import BaseClient
    from botocore.model import OperationModel

type Place = tuple[str, str]
type Json = Mapping[str, object]
type Known = dict[int, tuple[Stored, Item]]

TOGETHER = "TransactWriteItems"
READS = ("GetItem", "BatchGetItem", "Query", "Scan")
EVENTUALLY, CONSISTENTLY = 0.5, 1.0
CHUNK = 64 * 1024  # of a request to SQS, and of an event
BODY = "couponbus.metered"
REFUSED = ("ConditionalCheckFailed", "ConditionalCheckFailedException", "DuplicateItem")


class Meter:
    """Counts from one bill to the next; keeps what was sent, and what changed."""

    def __init__(self, *, table: str, region: str) -> None:
        self._table = table
        self._region = region
        self._lock = threading.Lock()
        self._items: dict[Place, Item] = {}
        self._known: Known = {}
        self._bill = Bill()
        self.sent: defaultdict[str, list[str]] = defaultdict(list)
        self.changes: list[Change] = []

    @contextmanager
    def on(self, *clients: "BaseClient") -> Iterator[None]:
        """Count the requests of these clients until the block ends."""
        hooks = [cast("Hooks", client.meta.events) for client in clients]
        handlers: list[tuple[str, Callable[..., None]]] = [
            ("request-created.*", _keep_body),
            ("after-call.*", self._answered),
        ]
        for each in hooks:
            for event, handler in handlers:
                each.register(event, handler)
        try:
            self._items = self._images({})
            yield
        finally:
            for each in hooks:
                for event, handler in handlers:
                    each.unregister(event, handler)

    def add(self, bill: Bill) -> None:
        """Count what no request of ours shows: invocations, and what AWS asks of itself."""
        with self._lock:
            self._bill += bill

    def items(self) -> list[Item]:
        """Return what the table holds."""
        return list(self._items.values())

    def take_bill(self) -> Bill:
        """Return everything since the last bill."""
        with self._lock:
            bill, self._bill = self._bill, Bill()
        return bill

    def take_changes(self) -> list[Change]:
        """Return the changes since this was last called."""
        with self._lock:
            changes, self.changes = self.changes, []
        return changes

    def _answered(
        self,
        *,
        http_response: "AWSResponse",
        parsed: Json,
        model: "OperationModel",
        context: Mapping[str, object],
        **_: object,
    ) -> None:
        body = cast("bytes", context[BODY])
        service = model.service_model.service_name
        with self._lock:
            self._bill += Bill(bytes=len(body) + len(http_response.content))
            if service == "dynamodb":
                self._bill += Bill(requests=1)
                self._of_table(model.name, json.loads(body), parsed)
            elif service == "sqs":
                self._bill += Bill(sqs=self._sent(json.loads(body)))
            elif service == "events":
                self._bill += Bill(bus=self._put(json.loads(body)["Entries"]))

    def _of_table(self, operation: str, asked: Json, parsed: Json) -> None:
        if operation in READS:
            self._bill += Bill(reads=self._read(operation, asked, parsed))
            return
        times = TRANSACTION if operation == TOGETHER else 1
        found = self._images(self._known if _replaces(operation, asked) else {})
        changed = list(_changes(self._items, found))
        self._items = found
        self.changes += changed
        for before, after in changed:
            index = index_units(before, after)
            self._bill += Bill(table=times * table_units(before, after), index=sum(index.values()))
        in_vain = list(self._in_vain(operation, asked, parsed))
        # A write that changes nothing costs the least that a write can.
        idle = 0 if "Error" in parsed else _writes(asked) - len(changed) - len(in_vain)
        self._bill += Bill(table=times * (sum(in_vain) + idle))

    def _in_vain(self, operation: str, asked: Json, parsed: Json) -> Iterator[int]:
        """Yield the units of writes that failed their condition."""
        if operation == "BatchExecuteStatement":
            for answer in cast("Sequence[Mapping[str, Json]]", parsed.get("Responses", ())):
                if answer.get("Error", {}).get("Code") in REFUSED:
                    yield table_units(cast("Item | None", answer["Error"].get("Item")), None)
            return
        code = str(cast("Json", parsed.get("Error", {})).get("Code"))
        if operation == TOGETHER and code == "TransactionCanceledException":
            for action in cast("Sequence[Mapping[str, Json]]", asked.get("TransactItems", ())):
                yield from (self._attempted(each) for each in action.values())
        elif code in REFUSED:
            yield self._attempted(asked)

    def _attempted(self, write: Json) -> int:
        item = cast("Item | None", write.get("Item"))
        key = cast("Item", item or write.get("Key") or {})
        return table_units(self._items.get(_place(key)) if key else None, item)

    def _read(self, operation: str, asked: Json, parsed: Json) -> float:
        if operation == "BatchGetItem":
            return sum(
                _weight(each) * self._blocks_at(cast("Sequence[Item]", each["Keys"]))
                for each in cast("Mapping[str, Json]", asked["RequestItems"]).values()
            )
        if operation == "GetItem":
            return _weight(asked) * self._blocks_at([cast("Item", asked["Key"])])
        return _weight(asked) * blocks(iter(cast("Sequence[Item]", parsed.get("Items", ()))))

    def _blocks_at(self, keys: Sequence[Item]) -> int:
        return sum(blocks(self._found(key)) for key in keys)

    def _found(self, key: Item) -> Iterator[Item]:
        if _place(key) in self._items:
            yield self._items[_place(key)]

    def _sent(self, asked: Json) -> int:
        queue = str(asked["QueueUrl"]).rpartition("/")[2]
        entries = cast("Sequence[Mapping[str, str]]", asked.get("Entries", [asked]))
        bodies = [entry["MessageBody"] for entry in entries]
        self.sent[queue] += bodies
        return math.ceil(sum(map(len, bodies)) / CHUNK)

    def _put(self, entries: Sequence[Json]) -> int:
        return sum(math.ceil(len(json.dumps(entry)) / CHUNK) for entry in entries)

    def _images(self, known: Known) -> dict[Place, Item]:
        table = dynamodb_backends[DEFAULT_ACCOUNT_ID][self._region].tables[self._table]
        # Copied in one step each: moto goes on to store what other threads send.
        stored = [
            item
            for items in list(table.items.values())
            for item in (list(items.values()) if isinstance(items, dict) else (items,))
        ]
        self._known = {id(item): known.get(id(item)) or _image(item) for item in stored}
        return {_place(item): item for _, item in self._known.values()}


def _image(stored: Stored) -> tuple[Stored, Item]:
    """Return an item as it is now, and moto's own, so that no other takes its address."""
    return stored, stored.to_json()["Attributes"]


def _changes(before: Mapping[Place, Item], after: Mapping[Place, Item]) -> Iterator[Change]:
    for place in dict.fromkeys((*before, *after)):
        old, new = before.get(place), after.get(place)
        if old is not new and old != new:
            yield old, new


def _replaces(operation: str, asked: Json) -> bool:
    """Return whether moto puts other items in place of those that it has, and changes none."""
    if operation == TOGETHER:
        actions = cast("Sequence[Json]", asked["TransactItems"])
        return not any("Update" in action for action in actions)
    return operation in ("PutItem", "DeleteItem")


def _keep_body(*, request: "AWSRequest", **_: object) -> None:
    body = request.data
    request.context[BODY] = body if isinstance(body, bytes) else str(body).encode()


def _place(item: Item) -> Place:
    """Return the key of an item, here or in the table of the plain design."""
    return str(item["pk"]["S"] if "pk" in item else item["id"]["S"]), str(item.get("sk"))


def _writes(asked: Json) -> int:
    """Return how many items a request writes."""
    listed = asked.get("TransactItems", asked.get("Statements"))
    return 1 if listed is None else len(cast("Sequence[Json]", listed))


def _weight(asked: Json) -> float:
    return CONSISTENTLY if asked.get("ConsistentRead") else EVENTUALLY
