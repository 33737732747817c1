"""Scan the table of a stage for watches, until enough are found."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from couponbus.aws.ledger.names import stored_as
from couponbus.domain.polling.watch_identity import watch_key
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.provider import Provider

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import ScanInputTypeDef

SEGMENTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchFilter:
    """Filters for watches; None matches all."""

    state: WatchState | None = None
    provider: Provider | None = None
    account: str | None = None

    def equal(self) -> Mapping[str, str]:
        """Return the attributes that must have a value."""
        equal = {"state": self.state, "provider": self.provider, "account": self.account}
        return {name: str(value) for name, value in equal.items() if value is not None}


class WatchScan:
    """Reads keys only, so that no customer's name leaves the table for a list."""

    def __init__(self, *, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def keys(self, wanted: WatchFilter, *, limit: int) -> Sequence[str]:
        """Return the keys of at most `limit` watches. Raises ClientError, BotoCoreError."""
        with ThreadPoolExecutor(max_workers=SEGMENTS) as threads:
            parts = threads.map(partial(self._keys, wanted, limit), range(SEGMENTS))
            found = [key for part in parts for key in part]
        return sorted(found)[:limit]

    def _keys(self, wanted: WatchFilter, limit: int, segment: int) -> list[str]:
        return list(islice(self._scanned(wanted, segment), limit))

    def _scanned(self, wanted: WatchFilter, segment: int) -> Iterator[str]:
        equal = wanted.equal()
        scan: ScanInputTypeDef = {
            "TableName": self._table,
            "Segment": segment,
            "TotalSegments": SEGMENTS,
            "FilterExpression": " AND ".join(
                ["begins_with(pk, :watch)", *(f"#{name} = :{name}" for name in equal)]
            ),
            "ProjectionExpression": "pk",
            "ExpressionAttributeValues": {
                ":watch": {"S": watch_key("")},
                **{f":{name}": {"S": value} for name, value in equal.items()},
            },
        }
        if equal:
            scan["ExpressionAttributeNames"] = {f"#{name}": stored_as(name) for name in equal}
        while True:
            page = self._client.scan(**scan)
            yield from (item["pk"]["S"] for item in page["Items"])
            if not page.get("LastEvaluatedKey"):
                return
            scan["ExclusiveStartKey"] = page["LastEvaluatedKey"]
