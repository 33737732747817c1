"""The history on DynamoDB: an index of past events by the hour in which they were told."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.errors import CallFailed, code_of
from couponbus.aws.webhooks.event_index import (
    HISTORY_INDEX,
    HOUR_KEY,
    PLACE_KEY,
    hours_between,
    mention_of,
    place_of,
)
from couponbus.domain.errors import LedgerUnavailable
from couponbus.ports.webhooks import EventIndexEntry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef


class DynamoEventLog:
    """`ports.webhooks.History`."""

    def __init__(self, *, client: "DynamoDBClient", table: str) -> None:
        """Take the ledger's table."""
        self._client = client
        self._table = table

    def between(self, *, since: datetime, until: datetime) -> Iterator[EventIndexEntry]:
        """Query hour by hour, oldest first. Raises LedgerUnavailable."""
        for hour in hours_between(since, until):
            items = items_between(
                self._client, table=self._table, partition=hour, since=since, until=until
            )
            yield from map(mention_of, items)


def items_between(
    client: "DynamoDBClient", *, table: str, partition: str, since: datetime, until: datetime
) -> Iterator[Item]:
    """Query one partition of the index, oldest first. Raises LedgerUnavailable."""
    query: QueryInputTypeDef = {
        "TableName": table,
        "IndexName": HISTORY_INDEX,
        "KeyConditionExpression": f"{HOUR_KEY} = :hour AND {PLACE_KEY} BETWEEN :since AND :until",
        "ExpressionAttributeValues": {
            ":hour": {"S": partition},
            ":since": {"S": place_of(since)},
            # Places go on with `#`, so the last moment itself lies behind its own text.
            ":until": {"S": place_of(until)},
        },
    }
    while True:
        try:
            page = client.query(**query)
        except CallFailed as error:
            raise LedgerUnavailable(f"history: {code_of(error)}") from None
        yield from page["Items"]
        if not page.get("LastEvaluatedKey"):
            return
        query["ExclusiveStartKey"] = page["LastEvaluatedKey"]
