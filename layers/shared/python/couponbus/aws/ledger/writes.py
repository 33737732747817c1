"""Conditional writes, up to a hundred rows a call: independent rows, or all or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.errors import CallFailed, code_of
from couponbus.aws.ledger.write_results import WriteResult, understood
from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.row import Row
from couponbus.ports.shared import Clock, Conflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef

ROWS_PER_CALL = 100
ROUNDS = 8
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 0.8
NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalWrites:
    """Puts with an optimistic lock: the stored revision must be the one before."""

    client: "DynamoDBClient"
    table: str
    clock: Clock

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        """Store up to 100 rows per transaction; a row that conflicts is taken out of it.

        Raises RowsBroken, LedgerUnavailable, ValueError for two rows with one key.
        """
        _require_distinct(rows)
        left: Sequence[Row] = rows
        done = WriteResult()
        for each in range(ROUNDS):
            answer = self._send_all(left)
            done = done.plus(WriteResult(conflicts=answer.conflicts, broken=answer.broken))
            left = answer.retry + answer.contended
            if not left:
                break
            if answer.contended:
                self._pause(each)
        if left:
            raise _not_stored([*done.broken, *(row.key for row in left)])
        if done.broken:
            raise RowsBroken(done.broken)
        return done.conflicts

    def write_together(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        """Store up to 100 rows in one transaction.

        When the caller's own row is among the conflicts, an earlier try of this write stored all.
        Rows that are too large together are all broken: no retry can store them together.
        Raises RowsBroken, LedgerUnavailable, ValueError for two rows with one key or for too many.
        """
        _require_distinct(rows)
        if len(rows) > ROWS_PER_CALL:
            raise ValueError(f"no more than {ROWS_PER_CALL} rows are written together")
        if not rows:
            return ()
        for each in range(ROUNDS):
            answer = self._send(tuple(rows))
            if answer.broken or answer.refused:
                raise RowsBroken([*answer.broken, *(row.key for row in answer.refused)])
            if answer.conflicts or not (answer.retry or answer.contended):
                return answer.conflicts
            self._pause(each)
        raise _not_stored([row.key for row in rows])

    def _pause(self, round_: int) -> None:
        self.clock.sleep(min(FIRST_PAUSE * 2**round_, LONGEST_PAUSE))

    def _send_all(self, rows: Sequence[Row]) -> WriteResult:
        answer = WriteResult()
        for chunk in batched(rows, ROWS_PER_CALL, strict=False):
            answer = answer.plus(self._send_or_divide(chunk))
        return answer

    def _send_or_divide(self, rows: tuple[Row, ...]) -> WriteResult:
        answer = self._send(rows)
        if not answer.refused:
            return answer
        half = len(rows) // 2
        return self._send_or_divide(rows[:half]).plus(self._send_or_divide(rows[half:]))

    def _send(self, rows: tuple[Row, ...]) -> WriteResult:
        try:
            if len(rows) == 1:
                self.client.put_item(**self._put(rows[0]))
            else:
                self.client.transact_write_items(
                    TransactItems=[{"Put": self._put(row)} for row in rows]
                )
        except ClientError as error:
            return understood(rows, error)
        except CallFailed as error:
            code = code_of(error)
            raise LedgerUnavailable(f"write: {code}", code=f"write:{code}") from None
        return WriteResult()

    def _put(self, row: Row) -> "PutTypeDef":
        put: PutTypeDef = {
            "TableName": self.table,
            "Item": encode(row),
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if row.revision != 1:
            put["ConditionExpression"] = "revision = :expected"
            put["ExpressionAttributeValues"] = {":expected": {"N": str(row.revision - 1)}}
        return put


def _require_distinct(rows: Sequence[Row]) -> None:
    if len({row.key for row in rows}) < len(rows):
        raise ValueError("rows of one write have distinct keys")


def _not_stored(keys: Sequence[str]) -> LedgerUnavailable:
    more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
    text = f"not stored: {', '.join(keys[:NAMED])}{more}"
    return LedgerUnavailable(text, code="write:not_stored")
