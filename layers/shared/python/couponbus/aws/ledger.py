"""The ledger on DynamoDB: one item a row, a sparse index of what is due."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import batched, islice
from typing import TYPE_CHECKING

from couponbus.aws.attributes import Item
from couponbus.aws.due_index import DueIndex
from couponbus.aws.failure import CallFailed, code_of
from couponbus.aws.ledger_writes import FIRST_PAUSE, ROUNDS, ConditionalWrites
from couponbus.aws.row_codec import SORT, decode
from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.issuance import issuance_key
from couponbus.domain.row import Row, Rows
from couponbus.ports import Clock, Conflict, DuePage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        KeysAndAttributesOutputTypeDef,
        KeysAndAttributesTypeDef,
    )

KEYS_PER_CALL = 100
PAGE = 100
PAGES_PER_SAMPLE = 20
START_LENGTH = 500


class DynamoLedger:
    """`ports.Ledger` on a table with the keys `pk`, `sk` and the index `due`."""

    def __init__(self, *, client: "DynamoDBClient", table: str, clock: Clock) -> None:
        """Take the table's name and a clock to pause with."""
        self._client = client
        self._table = table
        self._clock = clock
        self._due_index = DueIndex(client=client, table=table)
        self._writes = ConditionalWrites(client=client, table=table, clock=clock)

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        """Store up to 100 rows per transaction; a row that conflicts is taken out of it.

        Raises RowsBroken, LedgerUnavailable, ValueError for two rows with one key.
        """
        return self._writes.write(rows)

    def write_together(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        """Store up to 100 rows in one transaction.

        When one's own row is among the conflicts, an earlier try of this write has stored all.
        Raises RowsBroken, LedgerUnavailable, ValueError for two rows with one key or for too many.
        """
        return self._writes.write_together(rows)

    def read(self, keys: Sequence[str]) -> Rows:
        """Read consistently, in the order of the keys. Raises LedgerUnavailable."""
        found: dict[str, Row] = {}
        broken: set[str] = set()
        for chunk in batched(dict.fromkeys(keys), KEYS_PER_CALL, strict=False):
            for item in self._items(chunk):
                try:
                    row = decode(item)
                except RowsBroken as unreadable:
                    broken |= unreadable.keys
                else:
                    found[row.key] = row
        return Rows({key: found[key] for key in keys if key in found}, broken=broken)

    def due(self, *, backlog: str, now: datetime, limit: int, after: str | None = None) -> DuePage:
        """Read the shards of the backlog in turn, each walk from another one on.

        Raises LedgerUnavailable.
        """
        with _answering("due"):
            return self._due_index.page(backlog, now=now, limit=limit, after=after)

    def sample(self, *, start: str, limit: int) -> Sequence[Row]:
        """Scan from the place of an issuance that need not exist, on to the first ones.

        Raises LedgerUnavailable.
        """
        with _answering("sample"):
            items = list(islice(_without_repetition(self._scanned(start)), limit))
        return [decode(item) for item in items]

    def _items(self, keys: Sequence[str]) -> Iterator[Item]:
        wanted: Mapping[str, KeysAndAttributesTypeDef | KeysAndAttributesOutputTypeDef] = {
            self._table: {
                "Keys": [{"pk": {"S": key}, "sk": {"S": SORT}} for key in keys],
                "ConsistentRead": True,
            }
        }
        for each in range(ROUNDS):
            with _answering("read"):
                answer = self._client.batch_get_item(RequestItems=wanted)
            yield from answer.get("Responses", {}).get(self._table, [])
            wanted = answer.get("UnprocessedKeys") or {}
            if not wanted:
                return
            self._clock.sleep(FIRST_PAUSE * 2**each)
        raise LedgerUnavailable("read: the table gives no more")

    def _scanned(self, start: str) -> Iterator[Item]:
        place: Item | None = {
            "pk": {"S": issuance_key(start[:START_LENGTH])},
            "sk": {"S": SORT},
        }
        wrapped = False
        for _ in range(PAGES_PER_SAMPLE):
            begin = {"ExclusiveStartKey": place} if place else {}
            page = self._client.scan(
                TableName=self._table,
                Limit=PAGE,
                FilterExpression="begins_with(pk, :kind)",
                ExpressionAttributeValues={":kind": {"S": issuance_key("")}},
                **begin,  # type: ignore[arg-type]
            )
            yield from page["Items"]
            place = page.get("LastEvaluatedKey")
            if place is None and wrapped:
                return
            wrapped = wrapped or place is None


def _without_repetition(items: Iterable[Item]) -> Iterator[Item]:
    seen: set[str] = set()
    for item in items:
        key = item["pk"]["S"]
        if key in seen:
            return
        seen.add(key)
        yield item


@contextmanager
def _answering(operation: str) -> Iterator[None]:
    try:
        yield
    except CallFailed as error:
        raise LedgerUnavailable(f"{operation}: {code_of(error)}") from None
