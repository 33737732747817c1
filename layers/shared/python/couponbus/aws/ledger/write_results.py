"""What a failed conditional write says about each of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from botocore.exceptions import ClientError

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import decode
from couponbus.aws.ledger.errors import code_of
from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.row import Row
from couponbus.ports.shared import Conflict

type Reason = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class WriteResult:
    """The outcome of the rows that one call did not store; the rest are stored.

    `retry` were held back by other rows of the same call, `contended` by other writers or by
    throttling; one of the `refused` is invalid, or all together are too large; `broken` names
    rows that no retry can store.
    """

    conflicts: tuple[Conflict, ...] = ()
    retry: tuple[Row, ...] = ()
    contended: tuple[Row, ...] = ()
    refused: tuple[Row, ...] = ()
    broken: tuple[str, ...] = ()

    def plus(self, other: "WriteResult") -> "WriteResult":
        """Return the union of both."""
        return WriteResult(
            self.conflicts + other.conflicts,
            self.retry + other.retry,
            self.contended + other.contended,
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
            return WriteResult(contended=rows)
        case "ValidationException" if len(rows) > 1:
            return WriteResult(refused=rows)
        case "ValidationException":
            return WriteResult(broken=(rows[0].key,))
        case code:
            raise LedgerUnavailable(f"write: {code}", code=f"write:{code}") from None


def _sorted_by_reason(rows: Sequence[Row], reasons: Sequence[Reason]) -> WriteResult:
    answer = WriteResult()
    for row, reason in zip(rows, reasons, strict=True):
        match reason.get("Code", "None"):
            case "None":
                answer = answer.plus(WriteResult(retry=(row,)))
            case "ConditionalCheckFailed":
                answer = answer.plus(_conflict(row, reason))
            case "ValidationError":
                answer = answer.plus(WriteResult(broken=(row.key,)))
            case _:
                answer = answer.plus(WriteResult(contended=(row,)))
    return answer


def _conflict(row: Row, reason: Reason) -> WriteResult:
    item = cast("Item | None", reason.get("Item"))
    if not item:
        return WriteResult(conflicts=(Conflict(attempted=row, stored=None),))
    try:
        return WriteResult(conflicts=(Conflict(attempted=row, stored=decode(item)),))
    except RowsBroken:
        return WriteResult(broken=(row.key,))
