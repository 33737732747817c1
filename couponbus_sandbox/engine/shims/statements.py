"""A batch of PartiQL statements needs the permission of each; only those of the ledger are run."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from ministack.core import iam_actions
from ministack.services import dynamodb

from couponbus_sandbox.engine.statements import Attribute, Statement, statement_of

type Checks = list[tuple[str, str]]  # an action, and the resource on which it is checked
type Answer = tuple[int, dict[str, str], bytes]
type Request = Mapping[str, object]

BATCH = "dynamodb:BatchExecuteStatement"

_checks = iam_actions.dynamodb_transaction_checks


def install() -> None:
    """Put the permissions and the check of each statement before their execution."""
    iam_actions.dynamodb_transaction_checks = _with_statements
    dynamodb._batch_execute_statement = _only_known(dynamodb._batch_execute_statement)


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


def _only_known(original: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
    def execute(request: Request) -> Answer:
        try:
            _statements(request)
        except ValueError as refusal:
            answer: Answer = dynamodb.error_response_json("ValidationException", str(refusal), 400)
            return answer
        return original(request)

    return execute


def _statements(request: Request) -> Sequence[Statement]:
    """Read all statements of a request. Raises ValueError if one is none of the ledger."""
    statements = cast("Sequence[Mapping[str, object]]", request.get("Statements") or ())
    return [
        statement_of(
            str(each.get("Statement")), cast("Sequence[Attribute]", each.get("Parameters") or ())
        )
        for each in statements
    ]
