"""`BatchExecuteStatement` for moto, whose own writes over what is stored without a condition.

It takes the two statements of the ledger and no other, and stores by moto's own conditional
`PutItem`, as DynamoDB answers them: each for itself, its error in the answer of the call.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from moto.dynamodb.exceptions import (
    ConditionalCheckFailed,
    MockValidationException,
    ResourceNotFoundException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import (
    validate_put_has_empty_keys,
    validate_put_has_gsi_keys_set_to_none,
)

from couponbus.aws.ledger.attributes import Item
from couponbus_sandbox.engine.statements import Statement, statement_of

type Response = dict[str, object]

MOST = 25


def understand_the_statements_of_the_ledger() -> None:
    """Replace moto's own execution of statements."""
    DynamoDBBackend.batch_execute_statement = _executed  # type: ignore[method-assign]


def keys_of(params: Mapping[str, object]) -> Iterator[Item]:
    """Yield the keys that the statements of a call write."""
    for each in _all(params["Statements"]):
        yield cast("Item", each.key)


def _executed(self: DynamoDBBackend, statements: Sequence[Mapping[str, Any]]) -> list[Response]:
    if not 1 <= len(statements) <= MOST:
        raise MockValidationException(f"a batch has 1 to {MOST} statements")
    read = list(_all(statements))
    keys = [str(sorted(each.key.items())) for each in read]
    if len({*keys}) < len(keys):
        raise MockValidationException("Provided list of item keys contains duplicates")
    return [_answer(self, each) for each in read]


def _all(statements: Any) -> Iterator[Statement]:
    for each in statements:
        yield statement_of(each["Statement"], each.get("Parameters", ()))


def _answer(backend: DynamoDBBackend, statement: Statement) -> Response:
    try:
        _store(backend, statement)
    except ConditionalCheckFailed:
        is_new = statement.expected is None
        return _error("DuplicateItem" if is_new else "ConditionalCheckFailed", statement)
    except ResourceNotFoundException:
        return _error("ResourceNotFound", statement)
    except MockValidationException as refusal:
        return {"Error": {"Code": "ValidationError", "Message": refusal.message}}
    return {"TableName": statement.table}


def _error(code: str, statement: Statement) -> Response:
    return {"Error": {"Code": code, "Message": code}, "TableName": statement.table}


def _store(backend: DynamoDBBackend, statement: Statement) -> None:
    table = backend.get_table(statement.table)
    before = backend.get_item(statement.table, dict(statement.key))
    item: dict[str, Any] = before.to_json()["Attributes"] if before else {}
    item |= {**statement.key, **statement.values}
    for name in statement.removed:
        item.pop(name, None)
    validate_put_has_empty_keys(item, table)
    validate_put_has_gsi_keys_set_to_none(item, table)
    is_new = statement.expected is None
    backend.put_item(
        statement.table,
        item,
        condition_expression="attribute_not_exists(pk)" if is_new else "revision = :expected",
        expression_attribute_names={},
        expression_attribute_values={} if is_new else {":expected": statement.expected},
    )
