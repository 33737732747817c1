"""The ledger on DynamoDB: one item per row, a sparse index of due rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attention_index import AttentionIndex
from couponbus.aws.ledger.due_index import DueIndex
from couponbus.aws.ledger.errors import ledger_call
from couponbus.aws.ledger.reads import decoded, place_of
from couponbus.aws.ledger.writes import ConditionalWrites
from couponbus.domain.outbox.backlog import Attention
from couponbus.ports.shared import DuePage, IssuancePage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import ScanInputTypeDef


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoLedger(ConditionalWrites):
    """`ports.Ledger` on a table with the keys `pk`, `sk` and the index `due`."""

    def due(self, *, backlog: str, now: datetime, limit: int, after: str | None = None) -> DuePage:
        """Read the shards of the backlog round robin, each sweep from another one on.

        Raises LedgerUnavailable.
        """
        with ledger_call("due"):
            index = DueIndex(client=self.client, table=self.table)
            return index.page(backlog, now=now, limit=limit, after=after)

    def attention(self, kind: Attention, *, limit: int) -> Sequence[str]:
        """Query the index, which may lag behind. Raises LedgerUnavailable."""
        with ledger_call("attention"):
            return AttentionIndex(client=self.client, table=self.table).keys(kind, limit=limit)

    def issuances(self, *, limit: int, after: str | None = None) -> IssuancePage:
        """Scan one page. Raises LedgerUnavailable."""
        # Of the functions, the audit alone scans.
        from couponbus.domain.issuing.issuance import Issuance, issuance_key  # noqa: PLC0415

        scan: ScanInputTypeDef = {
            "TableName": self.table,
            "Limit": limit,
            "FilterExpression": "begins_with(pk, :kind)",
            "ExpressionAttributeValues": {":kind": {"S": issuance_key("")}},
        }
        if after is not None:
            scan["ExclusiveStartKey"] = place_of(after)
        with ledger_call("issuances"):
            page = self.client.scan(**scan)
        read = decoded(page["Items"])
        last = page.get("LastEvaluatedKey")
        return IssuancePage(
            issuances=read.of(Issuance),
            broken=read.broken,
            after=last["pk"]["S"] if last else None,
        )
