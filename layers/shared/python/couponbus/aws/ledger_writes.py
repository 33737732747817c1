"""Conditional writes, a hundred rows to a call, with the losers told from the held-up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from couponbus.aws.attributes import Item
from couponbus.aws.failure import CallFailed, code_of
from couponbus.aws.row_codec import decode, encode
from couponbus.domain.errors import LedgerUnavailable, RowUnreadable
from couponbus.domain.row import Row
from couponbus.ports import Clock, Conflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef

type Reason = Mapping[str, object]

ROWS_PER_CALL = 100
ROUNDS = 8
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 0.8
NAMED = 5


@dataclass(frozen=True, slots=True)
class _Answer:
    """What became of the rows that one call did not store; the rest are stored.

    `again` were held back by others of the same call, `crowded` by other writers or the pace;
    `broken` names rows that no repetition can store.
    """

    conflicts: tuple[Conflict, ...] = ()
    again: tuple[Row, ...] = ()
    crowded: tuple[Row, ...] = ()
    broken: tuple[str, ...] = ()

    def plus(self, other: "_Answer") -> "_Answer":
        return _Answer(
            self.conflicts + other.conflicts,
            self.again + other.again,
            self.crowded + other.crowded,
            self.broken + other.broken,
        )


class ConditionalWrites:
    """Puts over exactly the revision before."""

    def __init__(self, *, client: "DynamoDBClient", table: str, clock: Clock) -> None:
        """Take the table's name and a clock to pause with."""
        self._client = client
        self._table = table
        self._clock = clock

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        """Do as `ports.Ledger.write` promises."""
        if len({row.key for row in rows}) < len(rows):
            raise ValueError("rows of one write have distinct keys")
        left: Sequence[Row] = rows
        done = _Answer()
        for each in range(ROUNDS):
            answer = self._send_all(left)
            done = done.plus(_Answer(conflicts=answer.conflicts, broken=answer.broken))
            left = answer.again + answer.crowded
            if not left:
                break
            if answer.crowded:
                self._clock.sleep(min(FIRST_PAUSE * 2**each, LONGEST_PAUSE))
        unknown = [*done.broken, *(row.key for row in left)]
        if unknown:
            more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
            raise LedgerUnavailable(f"not stored: {', '.join(unknown[:NAMED])}{more}")
        return done.conflicts

    def _send_all(self, rows: Sequence[Row]) -> _Answer:
        answer = _Answer()
        for chunk in batched(rows, ROWS_PER_CALL, strict=False):
            answer = answer.plus(self._send(chunk))
        return answer

    def _send(self, rows: tuple[Row, ...]) -> _Answer:
        try:
            if len(rows) == 1:
                self._client.put_item(**self._put(rows[0]))
            else:
                self._client.transact_write_items(
                    TransactItems=[{"Put": self._put(row)} for row in rows]
                )
        except ClientError as error:
            return self._understood(rows, error)
        except CallFailed as error:
            raise LedgerUnavailable(f"write: {code_of(error)}") from None
        return _Answer()

    def _put(self, row: Row) -> "PutTypeDef":
        put: PutTypeDef = {
            "TableName": self._table,
            "Item": encode(row),
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if row.revision != 1:
            put["ConditionExpression"] = "revision = :expected"
            put["ExpressionAttributeValues"] = {":expected": {"N": str(row.revision - 1)}}
        return put

    def _understood(self, rows: tuple[Row, ...], error: ClientError) -> _Answer:
        response = cast("dict[str, object]", error.response)
        match code_of(error):
            case "TransactionCanceledException":
                reasons = cast("Sequence[Reason]", response["CancellationReasons"])
                return _sorted_by_reason(rows, reasons)
            case "ConditionalCheckFailedException":
                return _conflict(rows[0], response)
            case "TransactionConflictException":
                return _Answer(crowded=rows)
            case "ValidationException" if len(rows) > 1:
                # One row is impossible, or all together too large: find out which.
                half = len(rows) // 2
                return self._send(rows[:half]).plus(self._send(rows[half:]))
            case "ValidationException":
                return _Answer(broken=(rows[0].key,))
            case code:
                raise LedgerUnavailable(f"write: {code}") from None


def _sorted_by_reason(rows: Sequence[Row], reasons: Sequence[Reason]) -> _Answer:
    answer = _Answer()
    for row, reason in zip(rows, reasons, strict=True):
        match reason.get("Code", "None"):
            case "None":
                answer = answer.plus(_Answer(again=(row,)))
            case "ConditionalCheckFailed":
                answer = answer.plus(_conflict(row, reason))
            case "ValidationError":
                answer = answer.plus(_Answer(broken=(row.key,)))
            case _:
                answer = answer.plus(_Answer(crowded=(row,)))
    return answer


def _conflict(row: Row, reason: Reason) -> _Answer:
    item = cast("Item | None", reason.get("Item"))
    if not item:
        return _Answer(conflicts=(Conflict(attempted=row, stored=None),))
    try:
        return _Answer(conflicts=(Conflict(attempted=row, stored=decode(item)),))
    except RowUnreadable:
        return _Answer(broken=(row.key,))
