"""Reads of the ledger for operators: counts, heads of backlogs, the rows of a sign-up."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import SIGNUP_INDEX, signup_ref
from couponbus.aws.ledger.due_index import DUE_INDEX, shards_of
from couponbus.aws.ledger.errors import ledger_call
from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.ledger.moments import from_epoch_ms
from couponbus.aws.ledger.pages import items
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.outbox.backlog import TO_AUDIT, Backlog
from couponbus.domain.row import Rows

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SEGMENTS = 8
COUNTED = 1000  # rows of a backlog, from its shards together
FIRST = 48  # of two backlogs, those that are due first are read in one call
STATELESS: Mapping[str, str] = {"REJECTION": "REJECTED", "NOTICE": "RECORDED"}
KEPT = "KEPT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A row that waits for the sweeper."""

    key: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlogged:
    """How many rows a backlog has, more if `more` is set, and those of them that are due first."""

    rows: int = 0
    more: bool = False
    first: Sequence[Due] = ()

    @property
    def oldest(self) -> datetime | None:
        """When the first one is due."""
        return self.first[0].due_at if self.first else None

    @property
    def shown(self) -> str:
        """How many rows it has, in words."""
        return f"{self.rows:,}{'+' if self.more else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSize:
    """As DynamoDB says, which counts every six hours or so."""

    rows: int
    bytes_: int


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

    def size(self) -> TableSize:
        """Return the size of the table, before it is read. Raises LedgerUnavailable."""
        with ledger_call("size"):
            table = self.client.describe_table(TableName=self.table)["Table"]
        return TableSize(rows=table["ItemCount"], bytes_=table["TableSizeBytes"])

    def backlogs(self) -> Mapping[str, Backlogged]:
        """Return the head of each backlog of the sweeper, and of TO_AUDIT.

        One query for each shard, however many rows wait. Raises LedgerUnavailable.
        """
        shards = {backlog: shards_of(backlog) for backlog in (*Backlog, TO_AUDIT)}
        asked = [(shard, COUNTED // len(of)) for of in shards.values() for shard in of]
        with ThreadPoolExecutor(max_workers=SEGMENTS) as threads, ledger_call("backlogs"):
            heads = dict(zip(asked, threads.map(self._head, asked), strict=True))
        return {
            backlog: _merged([head for (shard, _), head in heads.items() if shard in of])
            for backlog, of in shards.items()
        }

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

    def _head(self, asked: tuple[str, int]) -> Backlogged:
        shard, limit = asked
        page = self.client.query(
            TableName=self.table,
            IndexName=DUE_INDEX,
            KeyConditionExpression="due_shard = :shard",
            ExpressionAttributeValues={":shard": {"S": shard}},
            Limit=limit,
        )
        first = [
            Due(key=item["pk"]["S"], due_at=from_epoch_ms(item["due_at"]["N"]))
            for item in page["Items"]
        ]
        return Backlogged(rows=len(first), more="LastEvaluatedKey" in page, first=first)


def _merged(heads: Sequence[Backlogged]) -> Backlogged:
    """Return the head of a backlog from those of its shards."""
    every = sorted((due for head in heads for due in head.first), key=lambda due: due.due_at)
    return Backlogged(rows=len(every), more=any(head.more for head in heads), first=every[:FIRST])


def _labels(scanned: Iterable[Item]) -> Iterator[tuple[str, str]]:
    for item in scanned:
        kind = item["pk"]["S"].partition("#")[0]
        if kind in KINDS:
            yield kind, item["state"]["S"] if "state" in item else STATELESS.get(kind, KEPT)
