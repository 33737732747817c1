"""The ledger on DynamoDB: one item per row, a sparse index of due rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attention_index import AttentionIndex
from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import SORT, decode
from couponbus.aws.ledger.due_index import DueIndex
from couponbus.aws.ledger.errors import ledger_call
from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.ledger.writes import FIRST_PAUSE, ROUNDS, ConditionalWrites
from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.issuing.issuance import Issuance, issuance_key
from couponbus.domain.outbox.backlog import Attention
from couponbus.domain.row import Row, Rows
from couponbus.ports.shared import DuePage, IssuancePage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import (
        KeysAndAttributesOutputTypeDef,
        KeysAndAttributesTypeDef,
        ScanInputTypeDef,
    )

KEYS_PER_CALL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoLedger(ConditionalWrites):
    """`ports.Ledger` on a table with the keys `pk`, `sk` and the index `due`."""

    def read(self, keys: Sequence[str]) -> Rows:
        """Read consistently, in the order of the keys. Raises LedgerUnavailable.

        Rows of a kind that this version does not know are broken, and not asked for: no role of
        this version may read them, and one such key would fail the others of its call.
        """
        known = [key for key in dict.fromkeys(keys) if key.partition("#")[0] in KINDS]
        chunks = batched(known, KEYS_PER_CALL, strict=False)
        read = _decoded(item for chunk in chunks for item in self._items(chunk))
        found = dict(read.items())
        unknown = frozenset(keys).difference(known)
        return Rows({key: found[key] for key in keys if key in found}, broken=read.broken | unknown)

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
        scan: ScanInputTypeDef = {
            "TableName": self.table,
            "Limit": limit,
            "FilterExpression": "begins_with(pk, :kind)",
            "ExpressionAttributeValues": {":kind": {"S": issuance_key("")}},
        }
        if after is not None:
            scan["ExclusiveStartKey"] = _place_of(after)
        with ledger_call("issuances"):
            page = self.client.scan(**scan)
        read = _decoded(page["Items"])
        last = page.get("LastEvaluatedKey")
        return IssuancePage(
            issuances=read.of(Issuance),
            broken=read.broken,
            after=last["pk"]["S"] if last else None,
        )

    def _items(self, keys: Sequence[str]) -> Iterator[Item]:
        wanted: Mapping[str, KeysAndAttributesTypeDef | KeysAndAttributesOutputTypeDef] = {
            self.table: {
                "Keys": [_place_of(key) for key in keys],
                "ConsistentRead": True,
            }
        }
        for each in range(ROUNDS):
            with ledger_call("read"):
                answer = self.client.batch_get_item(RequestItems=wanted)
            yield from answer.get("Responses", {}).get(self.table, [])
            wanted = answer.get("UnprocessedKeys") or {}
            if not wanted:
                return
            self.clock.sleep(FIRST_PAUSE * 2**each)
        raise LedgerUnavailable("read: the table gives no more", code="read:UnprocessedKeys")


def _place_of(key: str) -> Mapping[str, Mapping[str, str]]:
    return {"pk": {"S": key}, "sk": {"S": SORT}}


def _decoded(items: Iterable[Item]) -> Rows:
    """Return the readable rows by key, and the keys of the others."""
    found: dict[str, Row] = {}
    broken: set[str] = set()
    for item in items:
        try:
            row = decode(item)
        except RowsBroken as unreadable:
            broken |= unreadable.keys
        else:
            found[row.key] = row
    return Rows(found, broken=broken)
