"""Full table scans: rows that wait for an operator or for the bus, and refused rows."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.moments import from_moment_text
from couponbus.domain.issuing.issuance import IssuanceState, issuance_key
from couponbus.domain.issuing.resolution import ResolutionState, resolution_key
from couponbus.domain.webhooks.endpoint import endpoint_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import ScanInputTypeDef

SEGMENTS = 8
WAITING_STATES = (IssuanceState.PENDING, IssuanceState.REQUESTED, ResolutionState.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The ids of AMBIGUOUS issuances, how many outcomes are not published, the endpoints' keys.

    `unproven` has the issuances and resolutions whose look-ups prove nothing, and since when;
    `failing` those that wait for look-ups which fail.
    """

    ambiguous: Sequence[str]
    unpublished: int
    unproven: Mapping[str, datetime] = field(default_factory=dict)
    failing: Mapping[str, datetime] = field(default_factory=dict)
    endpoints: Sequence[str] = ()


class LedgerScan:
    """Reads the whole table."""

    def __init__(self, *, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def waiting(self) -> Waiting:
        """Return what waits for an operator or for the bus. Raises ClientError, BotoCoreError."""
        with ThreadPoolExecutor(max_workers=SEGMENTS) as threads:
            parts = list(threads.map(self._waiting, range(SEGMENTS)))
        return Waiting(
            ambiguous=sorted(each for part in parts for each in part.ambiguous),
            unpublished=sum(part.unpublished for part in parts),
            unproven={key: at for part in parts for key, at in sorted(part.unproven.items())},
            failing={key: at for part in parts for key, at in sorted(part.failing.items())},
            endpoints=sorted(each for part in parts for each in part.endpoints),
        )

    def refused(self, reason: str) -> Sequence[str]:
        """Return the keys of rows that ended for a reason. Raises ClientError, BotoCoreError.

        Ambiguous issuances are among them, as a refusal may have left them so, and sign-ups that
        waited for their customer.
        """
        with ThreadPoolExecutor(max_workers=SEGMENTS) as threads:
            parts = threads.map(partial(self._refused, reason), range(SEGMENTS))
            return sorted(key for part in parts for key in part)

    def _refused(self, reason: str, segment: int) -> Sequence[str]:
        scan = self._scan(
            segment,
            condition="#reason = :reason"
            " AND (begins_with(pk, :issuance) AND #state IN (:ambiguous, :rejected)"
            " OR begins_with(pk, :resolution) AND #state = :refused)",
            names={"#state": "state", "#reason": "reason"},
            values={
                ":issuance": issuance_key(""),
                ":ambiguous": IssuanceState.AMBIGUOUS.value,
                ":rejected": IssuanceState.REJECTED.value,
                ":resolution": resolution_key(""),
                ":refused": ResolutionState.REFUSED.value,
                ":reason": reason,
            },
        )
        return [
            str(item["pk"]["S"]) for item in self._items({**scan, "ProjectionExpression": "pk"})
        ]

    def _waiting(self, segment: int) -> Waiting:
        scan = self._scan(
            segment,
            condition="#state = :ambiguous OR attribute_exists(unpublished)"
            " OR attribute_exists(look_ups_failing_since)"
            " OR (attribute_exists(unproven_since) AND #state IN (:pending, :requested, :waiting))"
            " OR begins_with(pk, :endpoint)",
            names={"#state": "state"},
            values={
                ":ambiguous": IssuanceState.AMBIGUOUS.value,
                **{f":{state.lower()}": state.value for state in WAITING_STATES},
                ":endpoint": endpoint_key(""),
            },
        )
        shown = "pk, #state, unpublished, unproven_since, look_ups_failing_since"
        items = list(self._items({**scan, "ProjectionExpression": shown}))
        found = [str(item["pk"]["S"]) for item in items]
        return Waiting(
            ambiguous=[_id_of(item) for item in items if _is_ambiguous(item)],
            unpublished=sum("unpublished" in item for item in items),
            unproven={_id_of(item): since for item in items if (since := _unproven(item))},
            failing={_id_of(item): since for item in items if (since := _failing(item))},
            endpoints=[key for key in found if key.startswith(endpoint_key(""))],
        )

    def _scan(
        self,
        segment: int,
        *,
        condition: str,
        names: Mapping[str, str],
        values: Mapping[str, str],
    ) -> "ScanInputTypeDef":
        return {
            "TableName": self._table,
            "Segment": segment,
            "TotalSegments": SEGMENTS,
            "FilterExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
        }

    def _items(self, scan: "ScanInputTypeDef") -> Iterator[Item]:
        while True:
            page = self._client.scan(**scan)
            yield from page["Items"]
            if not page.get("LastEvaluatedKey"):
                return
            scan = {**scan, "ExclusiveStartKey": page["LastEvaluatedKey"]}


def _is_ambiguous(item: Item) -> bool:
    return item.get("state", {}).get("S") == IssuanceState.AMBIGUOUS


def _unproven(item: Item) -> datetime | None:
    since = item.get("unproven_since", {}).get("S")
    if item.get("state", {}).get("S") not in WAITING_STATES:
        return None
    return None if since is None else from_moment_text(str(since))


def _failing(item: Item) -> datetime | None:
    since = item.get("look_ups_failing_since", {}).get("S")
    return None if since is None else from_moment_text(str(since))


def _id_of(item: Item) -> str:
    return str(item["pk"]["S"]).partition("#")[2]
