"""The log of published events on DynamoDB."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.history_index import HistoryIndex, moment_in, places_in
from couponbus.aws.ledger.names import SHORT
from couponbus.ports.webhooks import EventIndexEntry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from couponbus.domain.webhooks.event_record import EventRecord
    from couponbus.domain.webhooks.history_page import HistoryPage

MENTIONED = {field: SHORT[field] for field in ("tenant", "detail_type", "customer_ref")}
PROJECTED = tuple(MENTIONED.values())


def history_places_of(
    row: "EventRecord | HistoryPage",
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the index attributes of an event or page; a test event is no part of the history."""
    if getattr(row, "only_for", None) is None:
        yield from places_in("", key=row.key, at=row.event_at)


def mention_of(item: Item) -> EventIndexEntry:
    """Return the entry of an event or page from the item of the index."""
    return EventIndexEntry(
        key=item["pk"]["S"],
        **{field: item[name]["S"] for field, name in MENTIONED.items() if name in item},
        event_at=moment_in(item),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoEventLog:
    """`ports.webhooks.EventLog`, also from its end for the command."""

    client: "DynamoDBClient"
    table: str

    def between(self, *, since: datetime, until: datetime) -> Iterator[EventIndexEntry]:
        """Query day by day, oldest first. Raises LedgerUnavailable."""
        yield from map(mention_of, self._index.oldest_first(since=since, until=until))

    def newest(self, *, since: datetime, until: datetime) -> Iterator[EventIndexEntry]:
        """Query day by day, newest first. Raises LedgerUnavailable."""
        yield from map(mention_of, self._index.newest_first(since=since, until=until))

    @property
    def _index(self) -> HistoryIndex:
        return HistoryIndex(client=self.client, table=self.table)
