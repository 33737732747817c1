"""The real ledger on a small AWS, in place of the one in memory of the use cases' tests."""

from collections.abc import Iterator, MutableMapping, Sequence
from datetime import datetime
from typing import cast

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import SORT, decode, encode
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.errors import RowsBroken
from couponbus.domain.outbox.backlog import Attention
from couponbus.domain.row import Row, Rows
from couponbus.ports.shared import Conflict, DuePage, IssuancePage
from tests.fakes.clock import ManualClock
from tests.fakes.unreliable_ledger import UnreliableLedger
from tests.integration.aws.cloud import TABLE, Cloud


class TableRows(MutableMapping[str, Row]):
    """The rows of the table that this version can read, by key."""

    def __init__(self, cloud: Cloud) -> None:
        self._client = cloud.clients.dynamodb

    def __getitem__(self, key: str) -> Row:
        answer = self._client.get_item(TableName=TABLE, Key=_key(key), ConsistentRead=True)
        return decode(answer["Item"])

    def __setitem__(self, key: str, row: Row) -> None:
        assert key == row.key
        self._client.put_item(TableName=TABLE, Item=encode(row))

    def __delitem__(self, key: str) -> None:
        self._client.delete_item(TableName=TABLE, Key=_key(key))

    def __iter__(self) -> Iterator[str]:
        for item in self._client.scan(TableName=TABLE, ConsistentRead=True)["Items"]:
            try:
                yield decode(item).key
            except RowsBroken:
                continue

    def __len__(self) -> int:
        return sum(1 for _ in self)


class TableLedger(UnreliableLedger):
    """A ledger that a newer version has written into as well."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__()
        self._cloud = cloud
        self._real = DynamoLedger(client=cloud.clients.dynamodb, table=TABLE, clock=ManualClock())
        self.rows = cast("dict[str, Row]", TableRows(cloud))

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        return self._real.write(rows)

    def write_together(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        return self._real.write_together(rows)

    def read(self, keys: Sequence[str]) -> Rows:
        return self._real.read(keys)

    def due(self, *, backlog: str, now: datetime, limit: int, after: str | None = None) -> DuePage:
        return self._real.due(backlog=backlog, now=now, limit=limit, after=after)

    def attention(self, kind: Attention, *, limit: int) -> Sequence[str]:
        return self._real.attention(kind, limit=limit)

    def issuances(self, *, limit: int, after: str | None = None) -> IssuancePage:
        return self._real.issuances(limit=limit, after=after)

    def item(self, key: str) -> Item:
        """Return the stored item, readable or not."""
        return self._cloud.clients.dynamodb.get_item(
            TableName=TABLE, Key=_key(key), ConsistentRead=True
        )["Item"]

    def put(self, item: Item) -> None:
        """Store an item of another version."""
        self._cloud.clients.dynamodb.put_item(TableName=TABLE, Item=item)

    def by_next(self, row: Row) -> None:
        """Store a row as a newer version would, in a state that this one does not know."""
        later: Item = {"state": {"S": "SUSPENDED"}, "added_later": {"L": [{"N": "1"}]}}
        self.put({**encode(row), **later})

    def by_this(self, key: str, *, state: str) -> None:
        """Leave the row in a state that this version knows, as after a rollback."""
        self.put({**self.item(key), "state": {"S": state}})


def _key(key: str) -> Item:
    return {"pk": {"S": key}, "sk": {"S": SORT}}
