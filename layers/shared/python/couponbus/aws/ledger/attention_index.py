"""The sparse index of ambiguous issuances and endpoints; no other row has its attribute."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from couponbus.aws.ledger.pages import items
from couponbus.domain.outbox.backlog import Attention, attention_of
from couponbus.domain.row import Row

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTENTION_INDEX = "attention"
ATTENTION_KEY = "attention"
# A partition takes a thousand index writes a second: two accounts may leave that many ambiguous.
PARTITIONS: Mapping[Attention, Sequence[str]] = {
    Attention.AMBIGUOUS: tuple(f"{Attention.AMBIGUOUS}{shard}" for shard in range(4)),
    Attention.ENDPOINTS: (Attention.ENDPOINTS.value,),
}


def attention_places_of(row: Row) -> Sequence[tuple[str, Mapping[str, str]]]:
    """Return the index attribute of a row, none for nearly all rows."""
    kind = attention_of(row)
    if kind is None:
        return ()
    partitions = PARTITIONS[kind]
    partition = partitions[zlib.crc32(row.key.encode()) % len(partitions)]
    return ((ATTENTION_KEY, {"S": partition}),)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionIndex:
    """The keys in the index; it may lag behind the rows."""

    client: "DynamoDBClient"
    table: str

    def keys(self, kind: Attention, *, limit: int) -> Sequence[str]:
        """Return up to `limit` keys. Raises CallFailed."""
        found: list[str] = []
        for partition in PARTITIONS[kind]:
            read = items(
                self.client.query,
                TableName=self.table,
                IndexName=ATTENTION_INDEX,
                KeyConditionExpression=f"{ATTENTION_KEY} = :partition",
                ExpressionAttributeValues={":partition": {"S": partition}},
                Limit=limit,
            )
            found += [item["pk"]["S"] for item in islice(read, limit - len(found))]
            if len(found) == limit:
                break
        return found
