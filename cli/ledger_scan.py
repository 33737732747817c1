"""Which rows of the ledger wait for a person, how many for the bus, and which endpoints are."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from couponbus.domain.endpoint import endpoint_key
from couponbus.domain.issuance import IssuanceState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import ScanInputTypeDef

SEGMENTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The ids of AMBIGUOUS issuances, how many outcomes are not published, the endpoints' keys."""

    ambiguous: Sequence[str]
    unpublished: int
    endpoints: Sequence[str] = ()


class LedgerScan:
    """Reads the whole table."""

    def __init__(self, *, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def waiting(self) -> Waiting:
        """Return what waits. Raises ClientError, BotoCoreError."""
        with ThreadPoolExecutor(max_workers=SEGMENTS) as threads:
            parts = list(threads.map(self._waiting, range(SEGMENTS)))
        return Waiting(
            ambiguous=sorted(each for part in parts for each in part.ambiguous),
            unpublished=sum(part.unpublished for part in parts),
            endpoints=sorted(each for part in parts for each in part.endpoints),
        )

    def _waiting(self, segment: int) -> Waiting:
        scan: ScanInputTypeDef = {
            "TableName": self._table,
            "Segment": segment,
            "TotalSegments": SEGMENTS,
            "FilterExpression": "#state = :ambiguous OR attribute_exists(unpublished)"
            " OR begins_with(pk, :endpoint)",
            "ProjectionExpression": "pk, #state, unpublished",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {
                ":ambiguous": {"S": IssuanceState.AMBIGUOUS.value},
                ":endpoint": {"S": endpoint_key("")},
            },
        }
        items: list[Mapping[str, Mapping[str, object]]] = []
        while True:
            page = self._client.scan(**scan)
            items += page["Items"]
            if not page.get("LastEvaluatedKey"):
                break
            scan["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        keys = [str(item["pk"]["S"]) for item in items if _is_ambiguous(item)]
        found = [str(item["pk"]["S"]) for item in items]
        return Waiting(
            ambiguous=[key.partition("#")[2] for key in keys],
            unpublished=sum("unpublished" in item for item in items),
            endpoints=[key for key in found if key.startswith(endpoint_key(""))],
        )


def _is_ambiguous(item: Mapping[str, Mapping[str, object]]) -> bool:
    return item.get("state", {}).get("S") == IssuanceState.AMBIGUOUS
