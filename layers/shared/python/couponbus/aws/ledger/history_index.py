"""The index of what came at a time: each day has shards, and each shard is ordered by time."""

import heapq
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.errors import ledger_call
from couponbus.aws.ledger.moments import EPOCH, from_epoch_ms
from couponbus.aws.ledger.pages import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef

HISTORY_INDEX = "history"
SHARD_KEY, PLACE_KEY = "history_shard", "history_place"
# Each takes a thousand index writes a second, and DynamoDB cannot split one whose end grows. An
# event that an endpoint wants costs one; a question to an idle day costs a query for each shard.
SHARDS = 4
DAY, MILLISECOND = timedelta(days=1), timedelta(milliseconds=1)
DIGITS = 15

type Query = Callable[..., "QueryOutputTypeDef"]


def places_in(prefix: str, *, key: str, at: datetime) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the index attributes of the row `key`, among those of its prefix."""
    shard = zlib.crc32(key.encode()) % SHARDS
    yield SHARD_KEY, {"S": shards_of_day(prefix, day_of(at))[shard]}
    yield PLACE_KEY, {"S": f"{place_of(at)}#{key.partition('#')[2]}"}


def shards_of_day(prefix: str, day: str) -> Sequence[str]:
    """Return the partitions of a day."""
    return [f"{prefix}{day}#{shard}" for shard in range(SHARDS)]


def days_between(since: datetime, until: datetime) -> Iterator[str]:
    """Yield the days of what came from `since` to before `until`."""
    day = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while since < until and day < until:
        yield day_of(day)
        day += DAY


def day_of(moment: datetime) -> str:
    """Return the day of a time."""
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def place_of(moment: datetime) -> str:
    """Return the sort key of a time: texts sort as the times do."""
    return f"{(moment - EPOCH) // MILLISECOND:0{DIGITS}}"


def moment_in(item: Item) -> datetime:
    """Return the time of an item of the index."""
    return from_epoch_ms(_place_in(item).partition("#")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryIndex:
    """The rows of one prefix. The shards of a day are merged, a page of each in memory."""

    client: "DynamoDBClient"
    table: str
    prefix: str = ""

    def oldest_first(self, *, since: datetime, until: datetime) -> Iterator[Item]:
        """Yield what came from `since` to before `until`. Raises LedgerUnavailable."""
        with ledger_call("history"):
            for day in days_between(since, until):
                shards = self._shards(day, self.client.query, since=since, until=until)
                yield from heapq.merge(*shards, key=_place_in)

    def newest_first(self, *, since: datetime, until: datetime) -> Iterator[Item]:
        """Yield the same from its end. Raises LedgerUnavailable."""
        back = partial(self.client.query, ScanIndexForward=False)
        with ledger_call("history"):
            for day in reversed(list(days_between(since, until))):
                shards = self._shards(day, back, since=since, until=until)
                yield from heapq.merge(*shards, key=_place_in, reverse=True)

    def _shards(
        self, day: str, query: Query, *, since: datetime, until: datetime
    ) -> Iterator[Iterator[Item]]:
        those = f"{SHARD_KEY} = :shard AND {PLACE_KEY} BETWEEN :since AND :until"
        of_the_index = partial(
            query,
            TableName=self.table,
            IndexName=HISTORY_INDEX,
            KeyConditionExpression=those,
        )
        for shard in shards_of_day(self.prefix, day):
            values = {
                ":shard": {"S": shard},
                ":since": {"S": place_of(since)},
                # Places go on with `#`, so the time `until` itself sorts after its own text.
                ":until": {"S": place_of(until)},
            }
            yield items(of_the_index, ExpressionAttributeValues=values)


def _place_in(item: Item) -> str:
    return item[PLACE_KEY]["S"]
