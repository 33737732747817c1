"""The index of kept sign-ups: that of the history, with its own partitions by hour."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from couponbus.aws.webhooks.event_log import (
    HOUR_KEY,
    PLACE_KEY,
    hour_of,
    hours_between,
    items_between,
    place_of,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from couponbus.domain.issuing.unmatched import UnmatchedSignUp


def unmatched_places_of(row: "UnmatchedSignUp") -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the index attributes of the row while it is kept."""
    if row.is_kept:
        yield HOUR_KEY, {"S": _partition(hour_of(row.arrived_at))}
        yield PLACE_KEY, {"S": f"{place_of(row.arrived_at)}#{row.unmatched_id}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoUnmatched:
    """`couponbus_cli.app.readers.Unmatched`: the sign-ups that are kept."""

    client: "DynamoDBClient"
    table: str

    def kept(self, *, since: datetime, until: datetime) -> Iterator[str]:
        """Yield the keys of those that arrived from `since` to before `until`, oldest first.

        Raises LedgerUnavailable.
        """
        for hour in hours_between(since, until):
            items = items_between(
                self.client,
                table=self.table,
                partition=_partition(hour),
                since=since,
                until=until,
            )
            yield from (item["pk"]["S"] for item in items)


def _partition(hour: str) -> str:
    return f"UNMATCHED#{hour}"
