"""The history on DynamoDB: an index of past events by the hour in which they were told."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from couponbus.aws.failure import CallFailed, code_of
from couponbus.aws.history_index import (
    HISTORY_INDEX,
    HOUR_KEY,
    PLACE_KEY,
    hours_between,
    mention_of,
    place_of,
)
from couponbus.domain.errors import LedgerUnavailable
from couponbus.ports.webhooks import Mention

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef


class DynamoHistory:
    """`ports.webhooks.History`."""

    def __init__(self, *, client: "DynamoDBClient", table: str) -> None:
        """Take the ledger's table."""
        self._client = client
        self._table = table

    def between(self, *, since: datetime, until: datetime) -> Iterator[Mention]:
        """Query hour by hour, oldest first. Raises LedgerUnavailable."""
        for hour in hours_between(since, until):
            query: QueryInputTypeDef = {
                "TableName": self._table,
                "IndexName": HISTORY_INDEX,
                "KeyConditionExpression": f"{HOUR_KEY} = :hour"
                f" AND {PLACE_KEY} BETWEEN :since AND :until",
                "ExpressionAttributeValues": {
                    ":hour": {"S": hour},
                    ":since": {"S": place_of(since)},
                    # Places go on with `#`, so the last moment itself lies behind its own text.
                    ":until": {"S": place_of(until)},
                },
            }
            yield from self._mentions(query)

    def _mentions(self, query: "QueryInputTypeDef") -> Iterator[Mention]:
        while True:
            try:
                page = self._client.query(**query)
            except CallFailed as error:
                raise LedgerUnavailable(f"history: {code_of(error)}") from None
            yield from map(mention_of, page["Items"])
            if not page.get("LastEvaluatedKey"):
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]
