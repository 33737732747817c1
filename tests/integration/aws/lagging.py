"""Reads without strong consistency, as DynamoDB may answer them: with the state before.

moto is always consistent, so a read without ConsistentRead would pass every test (Amazon DynamoDB
developer guide, "Read consistency"). Queries of an index, and the registry of cohorts, are allowed
to lag; what they promise is tested with what they are given.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.polling.cohort_items import PARTITION
from tests.integration.aws.faults import Hooks
from tests.integration.aws.statements import keys_of

if TYPE_CHECKING:
    from botocore.client import BaseClient

type Place = tuple[str, str]
type Parameters = Mapping[str, object]

WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchExecuteStatement")
READS = ("GetItem", "BatchGetItem", "Query")
ASKED = "couponbus.asked"


class Lag:
    """Remembers the state of each item before its last write."""

    def __init__(self, *, table: str, region: str) -> None:
        self._table = table
        self._region = region
        self._before: dict[Place, Item | None] = {}

    @contextmanager
    def on(self, client: "BaseClient") -> Iterator[None]:
        """Let the reads of this client lag."""
        hooks = cast("Hooks", client.meta.events)
        handlers: list[tuple[str, Callable[..., None]]] = [
            *((f"provide-client-params.dynamodb.{each}", self.remember) for each in WRITES),
            *((f"provide-client-params.dynamodb.{each}", _note) for each in READS),
            *((f"after-call.dynamodb.{each}", self.answer) for each in READS),
        ]
        for event, handler in handlers:
            hooks.register(event, handler)
        try:
            yield
        finally:
            for event, handler in handlers:
                hooks.unregister(event, handler)

    def remember(self, *, params: Parameters, **_: object) -> None:
        for place in _written(params):
            self._before[place] = self._stored(place)

    def answer(
        self, *, parsed: dict[str, object], context: Mapping[str, object], **_: object
    ) -> None:
        asked = cast("Parameters", context[ASKED])
        if "Item" in parsed and not asked.get("ConsistentRead"):
            found = list(self._old([cast("Item", parsed.pop("Item"))]))
            parsed.update({"Item": found[0]} if found else {})
        if "Items" in parsed and not (asked.get("ConsistentRead") or "IndexName" in asked):
            parsed["Items"] = list(self._old(cast("list[Item]", parsed["Items"])))
        if "Responses" in parsed:
            wanted = cast("Mapping[str, Parameters]", asked["RequestItems"])
            if not wanted[self._table].get("ConsistentRead"):
                answers = cast("dict[str, list[Item]]", parsed["Responses"])
                answers[self._table] = list(self._old(answers.get(self._table, [])))

    def _old(self, items: list[Item]) -> Iterator[Item]:
        for item in items:
            place = _place(item)
            before = item if place[0] == PARTITION else self._before.get(place, item)
            if before is not None:
                yield before

    def _stored(self, place: Place) -> Item | None:
        table = dynamodb_backends[DEFAULT_ACCOUNT_ID][self._region].tables.get(self._table)
        partition, sort = (DynamoType({"S": part}) for part in place)
        found = None if table is None else table.get_item(partition, sort)
        return None if found is None else cast("Item", found.to_json()["Attributes"])


def _note(*, params: Parameters, context: dict[str, object], **_: object) -> None:
    context[ASKED] = params


def _written(params: Parameters) -> Iterator[Place]:
    if "Statements" in params:
        yield from map(_place, keys_of(params))
        return
    writes = cast("list[Mapping[str, Parameters]]", params.get("TransactItems", [{"": params}]))
    for write in writes:
        for parameters in write.values():
            yield _place(cast("Item", parameters.get("Item") or parameters["Key"]))


def _place(item: Item) -> Place:
    return str(item["pk"]["S"]), str(item["sk"]["S"])
