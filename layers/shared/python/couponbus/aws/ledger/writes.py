"""Conditional writes: up to a hundred rows all or none, or any number each for itself."""

import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import batched
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.errors import CallFailed, code_of
from couponbus.aws.ledger.reads import FIRST_PAUSE, ROUNDS, ConsistentReads
from couponbus.aws.ledger.statements import STATEMENTS_PER_CALL, statement_of
from couponbus.aws.ledger.write_results import WriteResult, answered, understood
from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.row import Row
from couponbus.ports.shared import Conflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import PutTypeDef

ROWS_TOGETHER = 100
CALLS_AT_ONCE = 4
LONGEST_PAUSE = 0.8
NAMED = 5

type Rows = tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalWrites(ConsistentReads):
    """Writes with an optimistic lock: the stored revision must be the one before.

    `decided_kept` is how long decided issuances are kept, None for ever; see `retention`.
    """

    decided_kept: timedelta | None = None

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        """Store each row for itself, 25 in a call; a throttled or contended one is sent again.

        Raises RowsBroken, LedgerUnavailable, ValueError for two rows with one key.
        """
        _require_distinct(rows)
        left, done = tuple(rows), WriteResult()
        for each in range(ROUNDS):
            answer = self._send_all(left)
            done, left = done.plus(answer), answer.again
            if not left:
                return self._conflicts(done)
            self._pause(each, left)
        raise _not_stored([*done.broken, *(row.key for row in left)])

    def write_together(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        """Store up to 100 rows in one transaction.

        When the caller's own row is among the conflicts, an earlier try of this write stored all.
        Rows that are too large together are all broken: no retry can store them together.
        Raises RowsBroken, LedgerUnavailable, ValueError for two rows with one key or for too many.
        """
        _require_distinct(rows)
        if len(rows) > ROWS_TOGETHER:
            raise ValueError(f"no more than {ROWS_TOGETHER} rows are written together")
        if not rows:
            return ()
        for each in range(ROUNDS):
            answer = self._send(tuple(rows), self._transact)
            if answer.broken or answer.refused:
                raise RowsBroken([*answer.broken, *(row.key for row in answer.refused)])
            if answer.conflicts or not answer.again:
                return answer.conflicts
            self._pause(each, rows)
        raise _not_stored([row.key for row in rows])

    def _conflicts(self, done: WriteResult) -> Sequence[Conflict]:
        """Return the conflicts, with what stands now in the place of the rows."""
        if not (done.lost or done.broken):
            return done.conflicts
        stored = self.read([row.key for row in done.lost])
        if broken := stored.broken.union(done.broken):
            raise RowsBroken(broken)
        # What an insertion met may have expired since: its place is free.
        free = [row for row in done.lost if row.revision == 1 and row.key not in stored]
        taken = [row for row in done.lost if row not in free]
        lost = [Conflict(attempted=row, stored=stored.get(row.key)) for row in taken]
        return [*done.conflicts, *lost, *self.write(free)]

    def _pause(self, round_: int, rows: Sequence[Row]) -> None:
        """Wait longer each time, and not as long as others who were held back with us."""
        write = f"{rows[0].write_id}{round_}".encode()
        share = 0.5 + zlib.crc32(write) / 2**33
        self.clock.sleep(share * min(FIRST_PAUSE * 2**round_, LONGEST_PAUSE))

    def _send_all(self, rows: Rows) -> WriteResult:
        calls = list(batched(rows, STATEMENTS_PER_CALL, strict=False))
        if len(calls) <= 1:
            return self._send_or_divide(rows) if rows else WriteResult()
        answers, failures = WriteResult(), []
        # All are waited for: no call may be under way when the write is tried again.
        for result in _threads().map(self._tried, calls):
            if isinstance(result, LedgerUnavailable):
                failures.append(result)
            else:
                answers = answers.plus(result)
        if failures:
            raise failures[0]
        return answers

    def _tried(self, rows: Rows) -> WriteResult | LedgerUnavailable:
        try:
            return self._send_or_divide(rows)
        except LedgerUnavailable as failure:
            return failure

    def _send_or_divide(self, rows: Rows) -> WriteResult:
        answer = self._send(rows, self._execute)
        if not answer.refused:
            return answer
        half = len(rows) // 2
        return self._send_or_divide(rows[:half]).plus(self._send_or_divide(rows[half:]))

    def _send(self, rows: Rows, several: Callable[[Rows], WriteResult]) -> WriteResult:
        """Send one call; a single row needs neither statement nor transaction."""
        try:
            if len(rows) > 1:
                return several(rows)
            self.client.put_item(**self._put(rows[0]))
        except ClientError as error:
            return understood(rows, error)
        except CallFailed as error:
            code = code_of(error)
            raise LedgerUnavailable(f"write: {code}", code=f"write:{code}") from None
        return WriteResult()

    def _execute(self, rows: Rows) -> WriteResult:
        statements = [
            statement_of(row, table=self.table, decided_kept=self.decided_kept) for row in rows
        ]
        answer = self.client.batch_execute_statement(Statements=statements)
        return answered(rows, answer["Responses"])

    def _transact(self, rows: Rows) -> WriteResult:
        self.client.transact_write_items(TransactItems=[{"Put": self._put(row)} for row in rows])
        return WriteResult()

    def _put(self, row: Row) -> "PutTypeDef":
        put: PutTypeDef = {
            "TableName": self.table,
            "Item": encode(row, decided_kept=self.decided_kept),
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if row.revision != 1:
            put["ConditionExpression"] = "revision = :expected"
            put["ExpressionAttributeValues"] = {":expected": {"N": str(row.revision - 1)}}
        return put


@cache
def _threads() -> ThreadPoolExecutor:
    # Kept: starting threads for each batch would cost as much as two calls.
    return ThreadPoolExecutor(max_workers=CALLS_AT_ONCE, thread_name_prefix="write")


def _require_distinct(rows: Sequence[Row]) -> None:
    if len({row.key for row in rows}) < len(rows):
        raise ValueError("rows of one write have distinct keys")


def _not_stored(keys: Sequence[str]) -> LedgerUnavailable:
    more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
    text = f"not stored: {', '.join(keys[:NAMED])}{more}"
    return LedgerUnavailable(text, code="write:not_stored")
