"""What the answer to a conditional write says about each of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import decode
from couponbus.aws.ledger.errors import code_of
from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.row import Row
from couponbus.ports.shared import Conflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import BatchStatementResponseTypeDef

type Reason = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class WriteResult:
    """The outcome of the rows that one call did not store; the rest are stored.

    `lost` are in conflict with rows that the answer does not show; `again` were held back by other
    rows of a transaction, by other writers or by throttling; one of the `refused` is invalid, or
    all together are too large; `broken` names rows that no retry can store.
    """

    conflicts: tuple[Conflict, ...] = ()
    lost: tuple[Row, ...] = ()
    again: tuple[Row, ...] = ()
    refused: tuple[Row, ...] = ()
    broken: tuple[str, ...] = ()

    def plus(self, other: "WriteResult") -> "WriteResult":
        """Return the union of both."""
        return WriteResult(
            self.conflicts + other.conflicts,
            self.lost + other.lost,
            self.again + other.again,
            self.refused + other.refused,
            self.broken + other.broken,
        )


def understood(rows: tuple[Row, ...], error: ClientError) -> WriteResult:
    """Classify the rows by a refusal. Raises LedgerUnavailable if it says nothing about rows."""
    response = cast("dict[str, object]", error.response)
    match code_of(error):
        case "TransactionCanceledException":
            reasons = cast("Sequence[Reason]", response["CancellationReasons"])
            return _sorted_by_reason(rows, reasons)
        case "ConditionalCheckFailedException":
            return _conflict(rows[0], response)
        case "TransactionConflictException":
            return WriteResult(again=rows)
        case "ValidationException" if len(rows) > 1:
            return WriteResult(refused=rows)
        case "ValidationException":
            return WriteResult(broken=(rows[0].key,))
        case code:
            raise _unknown(code) from None


def answered(
    rows: tuple[Row, ...], responses: Sequence["BatchStatementResponseTypeDef"]
) -> WriteResult:
    """Classify the rows by the answers to their statements, one each.

    Raises LedgerUnavailable if one says nothing that is known about its row.
    """
    if len(responses) != len(rows):
        raise _unknown("Unanswered")
    lost: list[Row] = []
    again: list[Row] = []
    broken: list[str] = []
    for row, response in zip(rows, responses, strict=True):
        if "Error" not in response:
            continue
        match response["Error"].get("Code"):
            # Whether such an answer shows what is stored is not reliable: the row is read.
            case "ConditionalCheckFailed" | "DuplicateItem":
                lost.append(row)
            case (
                "TransactionConflict"
                | "ThrottlingError"
                | "ProvisionedThroughputExceeded"
                | "RequestLimitExceeded"
                | "InternalServerError"
            ):
                again.append(row)
            case "ValidationError" | "ItemCollectionSizeLimitExceeded":
                broken.append(row.key)
            case code:
                raise _unknown(code)
    return WriteResult(lost=tuple(lost), again=tuple(again), broken=tuple(broken))


def _sorted_by_reason(rows: Sequence[Row], reasons: Sequence[Reason]) -> WriteResult:
    answer = WriteResult()
    for row, reason in zip(rows, reasons, strict=True):
        match reason.get("Code", "None"):
            case "ConditionalCheckFailed":
                answer = answer.plus(_conflict(row, reason))
            case "ValidationError":
                answer = answer.plus(WriteResult(broken=(row.key,)))
            case _:
                answer = answer.plus(WriteResult(again=(row,)))
    return answer


def _conflict(row: Row, reason: Reason) -> WriteResult:
    item = cast("Item | None", reason.get("Item"))
    if not item:
        return WriteResult(conflicts=(Conflict(attempted=row, stored=None),))
    try:
        return WriteResult(conflicts=(Conflict(attempted=row, stored=decode(item)),))
    except RowsBroken:
        return WriteResult(broken=(row.key,))


def _unknown(code: object) -> LedgerUnavailable:
    return LedgerUnavailable(f"write: {code}", code=f"write:{code}")
