"""Full table scans: refused rows, and the endpoints and claims of a restored table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.domain.issuing.issuance import IssuanceState, issuance_key
from couponbus.domain.issuing.resolution import ResolutionState, resolution_key
from couponbus.domain.webhooks.endpoint import endpoint_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import ScanInputTypeDef

SEGMENTS = 8


class LedgerScan:
    """Reads the whole table."""

    def __init__(self, *, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def endpoints(self) -> Sequence[str]:
        """Return the keys of all endpoints, also of rows from before the index `attention`.

        Raises ClientError, BotoCoreError.
        """
        return self._each_segment(self._endpoints)

    def left_to_batches(self) -> Sequence[str]:
        """Return the keys of claimed issuances that are not due themselves.

        Raises ClientError, BotoCoreError.
        """
        return self._each_segment(self._left_to_batches)

    def refused(self, reason: str) -> Sequence[str]:
        """Return the keys of rows that ended for a reason. Raises ClientError, BotoCoreError.

        Ambiguous issuances are among them, as a refusal may have left them so, and sign-ups that
        waited for their customer.
        """
        return self._each_segment(partial(self._refused, reason))

    def _each_segment(self, keys_of: Callable[[int], Sequence[str]]) -> Sequence[str]:
        with ThreadPoolExecutor(max_workers=SEGMENTS) as threads:
            parts = threads.map(keys_of, range(SEGMENTS))
            return sorted(key for part in parts for key in part)

    def _refused(self, reason: str, segment: int) -> Sequence[str]:
        scan = self._scan(
            segment,
            condition="#reason = :reason"
            " AND (begins_with(pk, :issuance) AND #state IN (:ambiguous, :rejected)"
            " OR begins_with(pk, :resolution) AND #state = :refused)",
            values={
                ":issuance": issuance_key(""),
                ":ambiguous": IssuanceState.AMBIGUOUS.value,
                ":rejected": IssuanceState.REJECTED.value,
                ":resolution": resolution_key(""),
                ":refused": ResolutionState.REFUSED.value,
                ":reason": reason,
            },
        )
        names = {"#state": "state", "#reason": "reason"}
        return self._keys({**scan, "ExpressionAttributeNames": names})

    def _endpoints(self, segment: int) -> Sequence[str]:
        scan = self._scan(
            segment,
            condition="begins_with(pk, :endpoint)",
            values={":endpoint": endpoint_key("")},
        )
        return self._keys(scan)

    def _left_to_batches(self, segment: int) -> Sequence[str]:
        scan = self._scan(
            segment,
            condition="begins_with(pk, :issuance) AND #state = :requested"
            " AND attribute_not_exists(due_at)",
            values={
                ":issuance": issuance_key(""),
                ":requested": IssuanceState.REQUESTED.value,
            },
        )
        return self._keys({**scan, "ExpressionAttributeNames": {"#state": "state"}})

    def _keys(self, scan: "ScanInputTypeDef") -> Sequence[str]:
        items = self._items({**scan, "ProjectionExpression": "pk"})
        return [str(item["pk"]["S"]) for item in items]

    def _scan(
        self, segment: int, *, condition: str, values: Mapping[str, str]
    ) -> "ScanInputTypeDef":
        return {
            "TableName": self._table,
            "Segment": segment,
            "TotalSegments": SEGMENTS,
            "FilterExpression": condition,
            "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
        }

    def _items(self, scan: "ScanInputTypeDef") -> Iterator[Item]:
        while True:
            page = self._client.scan(**scan)
            yield from page["Items"]
            if not page.get("LastEvaluatedKey"):
                return
            scan = {**scan, "ExclusiveStartKey": page["LastEvaluatedKey"]}
