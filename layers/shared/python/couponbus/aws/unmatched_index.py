"""Where kept sign-ups lie: in the index of the history, in partitions of their own by the hour."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from couponbus.aws.failure import CallFailed, code_of
from couponbus.aws.history_index import (
    HISTORY_INDEX,
    HOUR_KEY,
    PLACE_KEY,
    hour_of,
    hours_between,
    place_of,
)
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.unmatched import UnmatchedSignUp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef


def unmatched_places_of(row: UnmatchedSignUp) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the attributes by which the index finds it, as long as it is kept."""
    if row.is_kept:
        yield HOUR_KEY, {"S": _partition(hour_of(row.arrived_at))}
        yield PLACE_KEY, {"S": f"{place_of(row.arrived_at)}#{row.unmatched_id}"}


class DynamoUnmatched:
    """`cli.world.Unmatched`: the sign-ups that are kept."""

    def __init__(self, *, client: "DynamoDBClient", table: str) -> None:
        """Take the ledger's table."""
        self._client = client
        self._table = table

    def kept(self, *, since: datetime, until: datetime) -> Iterator[str]:
        """Yield the keys of those that arrived from `since` on, oldest first.

        Raises LedgerUnavailable.
        """
        for hour in hours_between(since, until):
            query: QueryInputTypeDef = {
                "TableName": self._table,
                "IndexName": HISTORY_INDEX,
                "KeyConditionExpression": f"{HOUR_KEY} = :hour"
                f" AND {PLACE_KEY} BETWEEN :since AND :until",
                "ExpressionAttributeValues": {
                    ":hour": {"S": _partition(hour)},
                    ":since": {"S": place_of(since)},
                    ":until": {"S": place_of(until)},
                },
            }
            yield from self._keys(query)

    def _keys(self, query: "QueryInputTypeDef") -> Iterator[str]:
        while True:
            try:
                page = self._client.query(**query)
            except CallFailed as error:
                raise LedgerUnavailable(f"unmatched: {code_of(error)}") from None
            yield from (item["pk"]["S"] for item in page["Items"])
            if not page.get("LastEvaluatedKey"):
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _partition(hour: str) -> str:
    return f"UNMATCHED#{hour}"
