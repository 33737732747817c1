"""Caches for what moto and botocore repeat in each test."""

import copy
from collections import defaultdict
from contextvars import ContextVar
from functools import cache
from typing import Any

import botocore.session
from botocore.loaders import create_loader
from moto import backend_index
from moto.core import responses
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table

type Copies = dict[int, Table]

# They change an item in place; all others put another one at its place.
IN_PLACE = "Update"
LARGEST = 405_000  # bytes, as moto has it

# moto registers each address of every service for each test, and compares each call with all. A
# call to any other service is answered with 404.
SERVICES = {
    "awslambda",
    "cloudwatch",
    "dynamodb",
    "events",
    "logs",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "sts",
}

_copies: ContextVar[Copies | None] = ContextVar("copies", default=None)
_are_items_shared: ContextVar[bool] = ContextVar("are_items_shared", default=False)


def read_models_once() -> None:
    """Let all sessions read the service models from the same memory.

    A session caches what it has read for its clients; each test has a session of its own.
    """
    botocore.session.create_loader = cache(create_loader)


def know_the_services_of_couponbus() -> None:
    """Let moto answer for no other services."""
    backend_index.backend_url_patterns = [
        (name, pattern) for name, pattern in backend_index.backend_url_patterns if name in SERVICES
    ]


def find_methods_once() -> None:
    """Let moto search a response class once, and not at each call."""
    found = cache(responses.method_names_from_class)  # type: ignore[attr-defined]
    responses.method_names_from_class = found  # type: ignore[attr-defined]


def answer_values_as_they_are() -> None:
    """Let moto write a DynamoDB value as it is if it is already in its wire form.

    For each value it tries the ten members under four names each; that was a third of a call.
    """
    plain = BaseJSONSerializer._serialize_type_structure

    def with_values_as_they_are(
        self: BaseJSONSerializer, serialized: Any, value: Any, shape: Any, key: str
    ) -> None:
        if shape.name == "AttributeValue" and is_wire_form(value):
            serialized[key] = value
        else:
            plain(self, serialized, value, shape, key)

    BaseJSONSerializer._serialize_type_structure = with_values_as_they_are  # type: ignore[method-assign]


def is_wire_form(value: object) -> bool:
    """Return whether a value needs no translation, at any depth; bytes and moto's objects do."""
    if type(value) is not dict or len(value) != 1:
        return False
    kind, content = next(iter(value.items()))
    if kind in ("S", "N"):
        return type(content) is str
    if kind in ("BOOL", "NULL"):
        return type(content) is bool
    if kind in ("SS", "NS"):
        return all(type(one) is str for one in content)
    if kind == "M":
        return all(map(is_wire_form, content.values()))
    return kind == "L" and all(map(is_wire_form, content))


def copy_tables_once() -> None:
    """Let moto copy a table once for a transaction, and its items only where one may change.

    It does so for each row, all of them before the first is written: the copies are the same.
    """
    plain = DynamoDBBackend.transact_write_items

    def with_one_copy(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        token = _copies.set({})
        shared = _are_items_shared.set(not any(IN_PLACE in each for each in transact_items))
        try:
            plain(self, transact_items)
        finally:
            _are_items_shared.reset(shared)
            _copies.reset(token)

    DynamoDBBackend.transact_write_items = with_one_copy  # type: ignore[method-assign]
    Table.__deepcopy__ = _copied  # type: ignore[attr-defined]


def _copied(table: Table, memo: dict[int, object]) -> Table:
    copies = _copies.get()
    if copies is None:
        return _copy_of(table, memo)
    if id(table) not in copies:
        copies[id(table)] = _copy_of(table, memo)
    return copies[id(table)]


def _copy_of(table: Table, memo: dict[int, object]) -> Table:
    fresh = object.__new__(type(table))
    memo[id(table)] = fresh
    if _are_items_shared.get():
        memo[id(table.items)] = _with_the_same_items(table)
    vars(fresh).update(copy.deepcopy(vars(table), memo))
    return fresh


def _with_the_same_items(table: Table) -> defaultdict[Any, Any]:
    copied: defaultdict[Any, Any] = defaultdict(dict)
    copied.update({key: dict(sorted_) for key, sorted_ in table.items.items()})
    return copied


def measure_items_once() -> None:
    """Let moto measure an item when it is whole, and not before each of its attributes."""

    def with_one_measurement(
        self: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]
    ) -> None:
        self.hash_key, self.range_key = hash_key, range_key
        self.attrs = LimitedSizeDict()
        for name, value in attrs.items():
            dict.__setitem__(self.attrs, name, DynamoType(value))
        if self.size() > LARGEST:
            raise ItemSizeTooLarge

    Item.__init__ = with_one_measurement  # type: ignore[method-assign]


def sort_by_texts() -> None:
    """Let moto sort the items of a table by the texts of their keys, which it compares itself."""
    plain = Table.all_items

    def sorted_by_texts(self: Table) -> list[Item]:
        if not self.hash_key_type == self.range_key_type == "S":
            return plain(self)
        # Copied in one step each: another thread may look up a partition, which makes it.
        stored = list(self.items.values())
        found = [item for items in stored for item in list(items.values())]
        return sorted(found, key=_texts)

    Table.all_items = sorted_by_texts  # type: ignore[method-assign]


def _texts(item: Item) -> tuple[str, str]:
    assert item.range_key is not None
    return item.hash_key.value, item.range_key.value
