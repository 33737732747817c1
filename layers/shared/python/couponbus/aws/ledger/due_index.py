"""The sparse index of due rows: each backlog has its own shards, read page by page."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.moments import epoch_ms
from couponbus.domain.outbox.backlog import Backlog, backlog_of
from couponbus.domain.row import Row
from couponbus.ports.shared import DuePage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef

DUE_INDEX = "due"
# Each takes a thousand index writes a second. A sign-up costs two in each of the first three
# backlogs, a webhook four in the last; an empty shard costs half a read unit a tick.
SHARDS: Mapping[str, Sequence[str]] = {
    backlog: tuple(f"{backlog}{shard}" for shard in range(shards))
    for backlog, shards in {
        Backlog.OUTBOX: 4,
        Backlog.ISSUING: 4,
        Backlog.LOOKUPS: 4,
        Backlog.POLLS: 2,
        Backlog.RETRIES: 8,
    }.items()
}

type Place = tuple[str, Item | None]  # a shard, and the last entry that was read from it


def shard_of(row: Row) -> str:
    """Return the shard of the index in which a row waits."""
    shards = shards_of(backlog_of(row))
    return shards[zlib.crc32(row.key.encode()) % len(shards)]


def shards_of(backlog: str) -> Sequence[str]:
    """Return the shards of a backlog: a single one, if the sweeper does not read it."""
    return SHARDS.get(backlog, (backlog,))


@dataclass(frozen=True, slots=True, kw_only=True)
class DueIndex:
    """Pages of one backlog; a page is read from its shards, round robin."""

    client: "DynamoDBClient"
    table: str

    def page(self, backlog: str, *, now: datetime, limit: int, after: str | None) -> DuePage:
        """Return up to `limit` keys after `after`. Raises CallFailed."""
        places = _first_places(backlog, now) if after is None else _places_in(after)
        keys: list[str] = []
        while places and len(keys) < limit:
            (shard, start), *places = places
            found, last = self._queried(shard, start, now=now, limit=limit - len(keys))
            keys += found
            if last is not None:
                places.append((shard, last))
        return DuePage(keys=keys, after=json.dumps(places) if places else None)

    def _queried(
        self, shard: str, start: Item | None, *, now: datetime, limit: int
    ) -> tuple[list[str], Item | None]:
        query: QueryInputTypeDef = {
            "TableName": self.table,
            "IndexName": DUE_INDEX,
            "KeyConditionExpression": "due_shard = :shard AND due_at <= :now",
            "ExpressionAttributeValues": {":shard": {"S": shard}, ":now": {"N": epoch_ms(now)}},
            "Limit": limit,
        }
        if start is not None:
            query["ExclusiveStartKey"] = start
        page = self.client.query(**query)
        return [item["pk"]["S"] for item in page["Items"]], page.get("LastEvaluatedKey") or None


def _first_places(backlog: str, now: datetime) -> list[Place]:
    shards = shards_of(backlog)
    # Hashed, not the minute modulo the shards: a sweep per minute would start at few of them.
    first = zlib.crc32(now.isoformat().encode()) % len(shards)
    return [(shard, None) for shard in (*shards[first:], *shards[:first])]


def _places_in(after: str) -> list[Place]:
    return [(shard, start) for shard, start in json.loads(after)]
