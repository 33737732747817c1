"""What an operator asks of the ledger: how many, how late, and which rows a sign-up has."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import KINDS, SIGNUP_INDEX, signup_ref
from couponbus.aws.ledger.due_index import DUE_INDEX, SHARDS, shards_of
from couponbus.aws.ledger.errors import CallFailed, code_of
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.ledger.moments import from_epoch_ms
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.outbox.backlog import TO_AUDIT
from couponbus.domain.row import Rows

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef, ScanInputTypeDef

SEGMENTS = 8
STATELESS: Mapping[str, str] = {"REJECTION": "REJECTED", "NOTICE": "TOLD"}
KEPT = "KEPT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A row that waits for the sweeper."""

    key: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlogged:
    """How many rows wait in a backlog, and since when the oldest does."""

    rows: int
    oldest: datetime | None


class LedgerReport:
    """Reads only; not for the hot path."""

    def __init__(self, *, client: "DynamoDBClient", table: str, ledger: DynamoLedger) -> None:
        """Take the ledger to read whole rows with."""
        self._client = client
        self._table = table
        self._ledger = ledger

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many rows there are by kind and state; reads the whole table.

        Raises LedgerUnavailable.
        """
        with ThreadPoolExecutor(max_workers=SEGMENTS) as threads:
            try:
                counted = list(threads.map(self._counted, range(SEGMENTS)))
            except CallFailed as error:
                raise LedgerUnavailable(f"counts: {code_of(error)}") from None
        total = sum(counted, Counter[tuple[str, str]]())
        return {
            kind: {state: total[kind, state] for of, state in sorted(total) if of == kind}
            for kind in sorted({kind for kind, _ in total})
        }

    def oldest_due(self) -> Due | None:
        """Return the row that is, or will be, due first. Raises LedgerUnavailable."""
        try:
            dues = [
                due
                for shards in SHARDS.values()
                for shard in shards
                for due in self._first_of(shard)
            ]
        except CallFailed as error:
            raise LedgerUnavailable(f"oldest due: {code_of(error)}") from None
        return min(dues, key=lambda due: (due.due_at, due.key), default=None)

    def to_audit(self) -> Backlogged:
        """Return what was once in doubt and not compared since. Raises LedgerUnavailable."""
        (shard,) = shards_of(TO_AUDIT)
        try:
            oldest = next(self._first_of(shard), None)
            return Backlogged(
                rows=self._count_of(shard), oldest=None if oldest is None else oldest.due_at
            )
        except CallFailed as error:
            raise LedgerUnavailable(f"to audit: {code_of(error)}") from None

    def of_signup(self, *, tenant: str, signup_id: str) -> Rows:
        """Return everything that came of a sign-up, in the order of keys, but for the newest rows.

        Raises LedgerUnavailable.
        """
        reference = signup_ref(tenant=tenant, signup_id=signup_id)
        try:
            keys = sorted(self._keys_of(reference))
        except CallFailed as error:
            raise LedgerUnavailable(f"sign-up: {code_of(error)}") from None
        return self._ledger.read(keys)

    def issuances(self, keys: Sequence[str]) -> Sequence[Issuance]:
        """Return those of the issuances that exist, in this order. Raises LedgerUnavailable."""
        rows = self._ledger.read(keys).values()
        return [row for row in rows if isinstance(row, Issuance)]

    def _counted(self, segment: int) -> Counter[tuple[str, str]]:
        scan: ScanInputTypeDef = {
            "TableName": self._table,
            "Segment": segment,
            "TotalSegments": SEGMENTS,
            "ProjectionExpression": "#pk, #state",
            "ExpressionAttributeNames": {"#pk": "pk", "#state": "state"},
        }
        counter: Counter[tuple[str, str]] = Counter()
        while True:
            page = self._client.scan(**scan)
            counter.update(_labels(page["Items"]))
            if not page.get("LastEvaluatedKey"):
                return counter
            scan["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _first_of(self, shard: str) -> Iterator[Due]:
        page = self._client.query(
            TableName=self._table,
            IndexName=DUE_INDEX,
            KeyConditionExpression="due_shard = :shard",
            ExpressionAttributeValues={":shard": {"S": shard}},
            Limit=1,
        )
        for item in page["Items"]:
            yield Due(key=item["pk"]["S"], due_at=from_epoch_ms(item["due_at"]["N"]))

    def _count_of(self, shard: str) -> int:
        query: QueryInputTypeDef = {
            "TableName": self._table,
            "IndexName": DUE_INDEX,
            "KeyConditionExpression": "due_shard = :shard",
            "ExpressionAttributeValues": {":shard": {"S": shard}},
            "Select": "COUNT",
        }
        number = 0
        while True:
            page = self._client.query(**query)
            number += page["Count"]
            if not page.get("LastEvaluatedKey"):
                return number
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _keys_of(self, reference: str) -> Iterator[str]:
        query: QueryInputTypeDef = {
            "TableName": self._table,
            "IndexName": SIGNUP_INDEX,
            "KeyConditionExpression": "signup = :signup",
            "ExpressionAttributeValues": {":signup": {"S": reference}},
        }
        while True:
            page = self._client.query(**query)
            yield from (item["pk"]["S"] for item in page["Items"])
            if not page.get("LastEvaluatedKey"):
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _labels(items: Sequence[Item]) -> Iterator[tuple[str, str]]:
    for item in items:
        kind = item["pk"]["S"].partition("#")[0]
        if kind in KINDS:
            yield kind, item["state"]["S"] if "state" in item else STATELESS.get(kind, KEPT)
