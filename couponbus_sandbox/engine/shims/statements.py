"""The statements of the ledger, each by its own permission, as writes that the stream shows."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import cast

from ministack.core import iam_actions
from ministack.services import dynamodb

from couponbus_sandbox.engine.statements import Attribute, Statement, statement_of

type Checks = list[tuple[str, str]]  # an action, and the resource on which it is checked
type Answer = tuple[int, dict[str, str], bytes]
type Request = Mapping[str, object]

BATCH = "dynamodb:BatchExecuteStatement"
MOST = 25
# In the answer to a statement an error is called otherwise.
CODES = {"ValidationException": "ValidationError"}

_checks = iam_actions.dynamodb_transaction_checks


def install() -> None:
    """Check the permission of each statement, and run it as a conditional PutItem."""
    iam_actions.dynamodb_transaction_checks = _with_statements
    dynamodb._batch_execute_statement = _execute


def _with_statements(action: str, body: bytes, region: str, account: str) -> Checks:
    if action != BATCH:
        checks: Checks = _checks(action, body, region, account)
        return checks
    try:
        read = _statements(json.loads(body or b"{}"))
    except ValueError:
        return [(BATCH, "*")]  # an action that no policy can allow
    return [
        (
            f"dynamodb:PartiQL{'Insert' if each.expected is None else 'Update'}",
            iam_actions._dynamodb_table_arn(each.table, region, account),
        )
        for each in read
    ]


def _execute(request: Request) -> Answer:
    try:
        statements = _statements(request)
    except ValueError as refusal:
        return _refusal(str(refusal))
    if not 1 <= len(statements) <= MOST:
        return _refusal(f"a batch has 1 to {MOST} statements")
    answer: Answer = dynamodb.json_response({"Responses": [_answer(each) for each in statements]})
    return answer


def _refusal(why: str) -> Answer:
    answer: Answer = dynamodb.error_response_json("ValidationException", why, 400)
    return answer


def _answer(statement: Statement) -> Mapping[str, object]:
    is_new = statement.expected is None
    item = {**_stored(statement), **statement.item}
    for name in statement.removed:
        item.pop(name, None)
    put: dict[str, object] = {
        "TableName": statement.table,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(pk)" if is_new else "revision = :expected",
    }
    if not is_new:
        put["ExpressionAttributeValues"] = {":expected": statement.expected}
    status, _headers, body = dynamodb._put_item(put)
    if status == HTTPStatus.OK:
        return {"TableName": statement.table}
    refused = json.loads(body)
    name = str(refused["__type"]).rpartition("#")[2]
    code = CODES.get(name, name.removesuffix("Exception"))
    if is_new and code == "ConditionalCheckFailed":
        code = "DuplicateItem"
    return {"Error": {"Code": code, "Message": str(refused.get("message"))}}


def _stored(statement: Statement) -> dict[str, object]:
    asked = {"TableName": statement.table, "Key": statement.key, "ConsistentRead": True}
    _status, _headers, body = dynamodb._get_item(asked)
    item: dict[str, object] = json.loads(body).get("Item", {})
    return item


def _statements(request: Request) -> Sequence[Statement]:
    """Read all statements of a request. Raises ValueError if one is none of the ledger."""
    statements = cast("Sequence[Mapping[str, object]]", request.get("Statements") or ())
    return [
        statement_of(
            str(each.get("Statement")), cast("Sequence[Attribute]", each.get("Parameters") or ())
        )
        for each in statements
    ]
