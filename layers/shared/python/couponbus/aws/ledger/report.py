"""Reads of the ledger for operators: counts, the oldest due row, the rows of a sign-up."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import KINDS, SIGNUP_INDEX, signup_ref
from couponbus.aws.ledger.due_index import DUE_INDEX, SHARDS, shards_of
from couponbus.aws.ledger.errors import ledger_call
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.ledger.moments import from_epoch_ms
from couponbus.aws.ledger.pages import items, pages
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.outbox.backlog import TO_AUDIT
from couponbus.domain.row import Rows

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SEGMENTS = 8
STATELESS: Mapping[str, str] = {"REJECTION": "REJECTED", "NOTICE": "RECORDED"}
KEPT = "KEPT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A row that waits for the sweeper."""

    key: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlogged:
    """How many rows wait in a backlog, and since when the oldest one waits."""

    rows: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerReport:
    """Read-only, and not for the hot path; whole rows are read by `ledger`."""

    client: "DynamoDBClient"
    table: str
    ledger: DynamoLedger

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return the number of rows by kind and state; scans the whole table.

        Raises LedgerUnavailable.
        """
        with ThreadPoolExecutor(max_workers=SEGMENTS) as threads, ledger_call("counts"):
            counted = list(threads.map(self._counted, range(SEGMENTS)))
        total = sum(counted, Counter[tuple[str, str]]())
        return {
            kind: {state: total[kind, state] for of, state in sorted(total) if of == kind}
            for kind in sorted({kind for kind, _ in total})
        }

    def oldest_due(self) -> Due | None:
        """Return the row with the earliest due time, past or future. Raises LedgerUnavailable."""
        every_shard = chain.from_iterable(SHARDS.values())
        with ledger_call("oldest due"):
            dues = [due for shard in every_shard for due in self._first_of(shard)]
        return min(dues, key=lambda due: (due.due_at, due.key), default=None)

    def to_audit(self) -> Backlogged:
        """Return the backlog of issuances once in doubt, not audited since.

        Raises LedgerUnavailable.
        """
        (shard,) = shards_of(TO_AUDIT)
        with ledger_call("to audit"):
            oldest = next(self._first_of(shard), None)
            return Backlogged(
                rows=self._count_of(shard), oldest=None if oldest is None else oldest.due_at
            )

    def of_signup(self, *, tenant: str, signup_id: str) -> Rows:
        """Return all rows of a sign-up, in the order of keys; the index may lag behind.

        Raises LedgerUnavailable.
        """
        reference = signup_ref(tenant=tenant, signup_id=signup_id)
        with ledger_call("sign-up"):
            found = items(
                self.client.query,
                TableName=self.table,
                IndexName=SIGNUP_INDEX,
                KeyConditionExpression="signup = :signup",
                ExpressionAttributeValues={":signup": {"S": reference}},
            )
            keys = sorted(item["pk"]["S"] for item in found)
        return self.ledger.read(keys)

    def issuances(self, keys: Sequence[str]) -> Sequence[Issuance]:
        """Return the issuances that exist, in the order of the keys. Raises LedgerUnavailable."""
        rows = self.ledger.read(keys).values()
        return [row for row in rows if isinstance(row, Issuance)]

    def _counted(self, segment: int) -> Counter[tuple[str, str]]:
        scanned = items(
            self.client.scan,
            TableName=self.table,
            Segment=segment,
            TotalSegments=SEGMENTS,
            ProjectionExpression="#pk, #state",
            ExpressionAttributeNames={"#pk": "pk", "#state": "state"},
        )
        return Counter(_labels(scanned))

    def _first_of(self, shard: str) -> Iterator[Due]:
        page = self.client.query(
            TableName=self.table,
            IndexName=DUE_INDEX,
            KeyConditionExpression="due_shard = :shard",
            ExpressionAttributeValues={":shard": {"S": shard}},
            Limit=1,
        )
        for item in page["Items"]:
            yield Due(key=item["pk"]["S"], due_at=from_epoch_ms(item["due_at"]["N"]))

    def _count_of(self, shard: str) -> int:
        counted = pages(
            self.client.query,
            TableName=self.table,
            IndexName=DUE_INDEX,
            KeyConditionExpression="due_shard = :shard",
            ExpressionAttributeValues={":shard": {"S": shard}},
            Select="COUNT",
        )
        return sum(page["Count"] for page in counted)


def _labels(scanned: Iterable[Item]) -> Iterator[tuple[str, str]]:
    for item in scanned:
        kind = item["pk"]["S"].partition("#")[0]
        if kind in KINDS:
            yield kind, item["state"]["S"] if "state" in item else STATELESS.get(kind, KEPT)
