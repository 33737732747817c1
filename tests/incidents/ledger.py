"""The ledger of a stage: it can refuse functions, and its changes form the stream."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from couponbus.aws.ledger.codec import encode
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.issuing_batch import IssuingBatch
from couponbus.domain.outbox.backlog import Attention
from couponbus.domain.row import Row, Rows
from couponbus.ports.shared import Conflict, DuePage, IssuancePage
from functions.publish_events.handler import StreamRecord
from tests.fakes.clock import ManualClock
from tests.fakes.ledger import MemoryLedger, due_page

EVERY_FUNCTION = "*"
WRITE, TOGETHER = "BatchExecuteStatement", "TransactWriteItems"


class StageLedger(MemoryLedger):
    """`caller` is the function that runs; `on_refusal` is called for each call that is refused.

    `refuses` has the functions whose calls fail, `refuses_writes` those whose writes do, and
    `refuses_closing` those that may change no batch which they have opened.
    """

    def __init__(self, *, clock: ManualClock, on_refusal: Callable[[str], None]) -> None:
        super().__init__()
        self._clock = clock
        self.caller = ""
        self.refuses: set[str] = set()
        self.refuses_writes: set[str] = set()
        self.refuses_closing: set[str] = set()
        self.stream: list[tuple[datetime, StreamRecord]] = []  # each with its time
        self._on_refusal = on_refusal
        self._written = 0
        self._due: dict[str, Row] = {}  # the sparse index, which spares a look at all rows

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        self._admit(WRITE)
        if any(isinstance(row, IssuingBatch) and row.revision > 1 for row in rows):
            self._refuse(WRITE, self.refuses_closing)
        return super().write(rows)

    def write_together(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        self._admit(TOGETHER)
        return super().write_together(rows)

    def read(self, keys: Sequence[str]) -> Rows:
        self._admit("BatchGetItem")
        return super().read(keys)

    def due(self, *, backlog: str, now: datetime, limit: int, after: str | None = None) -> DuePage:
        self._admit("Query")
        return due_page(self._due.values(), backlog, now=now, limit=limit, after=after)

    def attention(self, kind: Attention, *, limit: int) -> Sequence[str]:
        self._admit("Query")
        return super().attention(kind, limit=limit)

    def issuances(self, *, limit: int, after: str | None = None) -> IssuancePage:
        self._admit("Query")
        return super().issuances(limit=limit, after=after)

    def _admit(self, kind: str) -> None:
        refusing = self.refuses | (self.refuses_writes if kind in (WRITE, TOGETHER) else set())
        self._refuse(kind, refusing)

    def _refuse(self, kind: str, functions: AbstractSet[str]) -> None:
        if functions & {EVERY_FUNCTION, self.caller}:
            self._on_refusal(kind)
            raise LedgerUnavailable(f"{kind}: ThrottlingException")

    def put(self, *rows: Row) -> None:
        """Store rows as an operator's command does, over whatever is there."""
        for row in rows:
            self._put([row.written("operator")])

    def _put(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.unpublished:  # the filter of the stream's mapping
                self._written += 1
                before = self.rows.get(row.key)
                self.stream.append((self._clock.present, _record(self._written, row, before)))
            if row.due_at is None:
                self._due.pop(row.key, None)
            else:
                self._due[row.key] = row
        super()._put(rows)


def _record(number: int, row: Row, before: Row | None) -> StreamRecord:
    change: StreamRecord = {"dynamodb": {"SequenceNumber": str(number), "NewImage": encode(row)}}
    if before is not None:
        change["dynamodb"]["OldImage"] = encode(before)
    return change
