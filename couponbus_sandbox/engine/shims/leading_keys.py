"""`dynamodb:LeadingKeys`: the partition keys that a call names, by which a policy can limit it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import cast

from ministack.core import iam_actions
from ministack.services import dynamodb

from couponbus_sandbox.engine.statements import KEY, statement_of

type Json = Mapping[str, object]

LEADING_KEYS = "dynamodb:LeadingKeys"
EQUALS = re.compile(r"([#\w]+)\s*=\s*(:\w+)")

_original = iam_actions.dynamodb_service_context


def install() -> None:
    """Add the keys to the condition keys of each request; without them any condition is met."""
    iam_actions.dynamodb_service_context = _context


def _context(body: bytes) -> dict[str, object]:
    context: dict[str, object] = _original(body)
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return context
    if isinstance(request, dict) and (named := list(_leading_keys(request))):
        context[LEADING_KEYS] = named
    return context


def _leading_keys(request: Json) -> Iterator[str]:
    yield from _key_of_item(request)
    yield from _key_of_query(request)
    for each in _maps(request.get("Statements")):
        yield from _key_of_statement(each)
    for change in _maps(request.get("TransactItems")):
        for detail in _maps(list(change.values())):
            yield from _key_of_item(detail)
    for table, of_table in _map(request.get("RequestItems")).items():
        entries = of_table if isinstance(of_table, list) else [of_table]
        for entry in _maps(entries):
            keys = _maps(entry.get("Keys"))
            changes = _maps(list(entry.values()))
            for one in (*({"Key": key} for key in keys), *changes):
                yield from _key_of_item({"TableName": table, **one})


def _key_of_item(request: Json) -> Iterator[str]:
    """Yield the key of the one item that is read or written."""
    item = _map(request.get("Key")) or _map(request.get("Item"))
    yield from _texts(item.get(_partition_key(request)))


def _key_of_statement(request: Json) -> Iterator[str]:
    """Yield the key that a statement of the ledger writes; any other one shows none."""
    with suppress(ValueError):
        read = statement_of(str(request.get("Statement")), _maps(request.get("Parameters")))
        yield from _texts(read.key[KEY[0]])


def _key_of_query(request: Json) -> Iterator[str]:
    names = _map(request.get("ExpressionAttributeNames"))
    values = _map(request.get("ExpressionAttributeValues"))
    wanted = _partition_key(request)
    for name, value in EQUALS.findall(str(request.get("KeyConditionExpression") or "")):
        if names.get(name, name) == wanted:
            yield from _texts(values.get(value))


def _partition_key(request: Json) -> str:
    """Return the name of the partition key of the table, or of the index that is queried."""
    table = _map(dynamodb._tables.get(str(request.get("TableName")).rpartition("/")[2]))
    index = request.get("IndexName")
    if index is None:
        return _hash_name(table)
    indexes = _maps(table.get("GlobalSecondaryIndexes"))
    return next((_hash_name(one) for one in indexes if one.get("IndexName") == index), "")


def _hash_name(of: Json) -> str:
    schema = _maps(of.get("KeySchema"))
    return next((str(one["AttributeName"]) for one in schema if one.get("KeyType") == "HASH"), "")


def _texts(attribute: object) -> list[str]:
    return [str(value) for value in _map(attribute).values()]


def _map(value: object) -> Json:
    return cast("Json", value) if isinstance(value, Mapping) else {}


def _maps(values: object) -> Sequence[Json]:
    return [_map(one) for one in values] if isinstance(values, list) else []
