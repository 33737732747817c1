"""The log of published events on DynamoDB: an index by hour, then by time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.errors import ledger_call
from couponbus.aws.ledger.moments import EPOCH, from_epoch_ms
from couponbus.aws.ledger.names import SHORT
from couponbus.aws.ledger.pages import items
from couponbus.ports.webhooks import EventIndexEntry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from couponbus.domain.webhooks.event_record import EventRecord
    from couponbus.domain.webhooks.history_page import HistoryPage

HISTORY_INDEX = "history"
HOUR_KEY, PLACE_KEY = "history_hour", "history_place"
MENTIONED = {field: SHORT[field] for field in ("tenant", "detail_type", "customer_ref")}
PROJECTED = tuple(MENTIONED.values())
HOUR = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)
DIGITS = 15


def history_places_of(
    row: "EventRecord | HistoryPage",
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the index attributes of an event or page; a test event is no part of the history."""
    if getattr(row, "only_for", None) is None:
        yield HOUR_KEY, {"S": hour_of(row.event_at)}
        yield PLACE_KEY, {"S": f"{place_of(row.event_at)}#{row.key.partition('#')[2]}"}


def hours_between(since: datetime, until: datetime) -> Iterator[str]:
    """Yield the partitions of what was published from `since` to before `until`."""
    hour = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while since < until and hour < until:
        yield hour_of(hour)
        hour += HOUR


def hour_of(moment: datetime) -> str:
    """Return the partition of a time."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H}"


def place_of(moment: datetime) -> str:
    """Return the sort key of a time within its hour: texts sort as the times do."""
    return f"{(moment - EPOCH) // MILLISECOND:0{DIGITS}}"


def mention_of(item: Item) -> EventIndexEntry:
    """Return the entry of an event or page from the item of the index."""
    return EventIndexEntry(
        key=item["pk"]["S"],
        **{field: item[name]["S"] for field, name in MENTIONED.items() if name in item},
        event_at=from_epoch_ms(item[PLACE_KEY]["S"].partition("#")[0]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoEventLog:
    """`ports.webhooks.EventLog`."""

    client: "DynamoDBClient"
    table: str

    def between(self, *, since: datetime, until: datetime) -> Iterator[EventIndexEntry]:
        """Query hour by hour, oldest first. Raises LedgerUnavailable."""
        for hour in hours_between(since, until):
            items = items_between(
                self.client, table=self.table, partition=hour, since=since, until=until
            )
            yield from map(mention_of, items)


def items_between(
    client: "DynamoDBClient", *, table: str, partition: str, since: datetime, until: datetime
) -> Iterator[Item]:
    """Query one partition of the index, oldest first. Raises LedgerUnavailable."""
    found = items(
        client.query,
        TableName=table,
        IndexName=HISTORY_INDEX,
        KeyConditionExpression=f"{HOUR_KEY} = :hour AND {PLACE_KEY} BETWEEN :since AND :until",
        ExpressionAttributeValues={
            ":hour": {"S": partition},
            ":since": {"S": place_of(since)},
            # Places go on with `#`, so the time `until` itself sorts after its own text.
            ":until": {"S": place_of(until)},
        },
    )
    with ledger_call("history"):
        yield from found
