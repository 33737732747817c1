"""The index of kept sign-ups: that of the history, with partitions of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from couponbus.aws.ledger.history_index import HistoryIndex, places_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from couponbus.domain.issuing.unmatched import UnmatchedSignUp

UNMATCHED = "UNMATCHED#"


def unmatched_places_of(row: "UnmatchedSignUp") -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the index attributes of the row while it is kept."""
    if row.is_kept:
        yield from places_in(UNMATCHED, key=row.key, at=row.arrived_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoUnmatched:
    """`couponbus_cli.app.readers.Unmatched`: the sign-ups that are kept."""

    client: "DynamoDBClient"
    table: str

    def kept(self, *, since: datetime, until: datetime) -> Iterator[str]:
        """Yield the keys of those that arrived from `since` to before `until`, oldest first.

        Raises LedgerUnavailable.
        """
        index = HistoryIndex(client=self.client, table=self.table, prefix=UNMATCHED)
        yield from (item["pk"]["S"] for item in index.oldest_first(since=since, until=until))
