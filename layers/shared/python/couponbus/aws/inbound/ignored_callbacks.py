"""Counts of ignored callbacks: one item of the ledger's table for each account and day (UTC)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.errors import CallFailed, ledger_call
from couponbus.aws.ledger.moments import from_moment_text, moment_text
from couponbus.domain.inbound.ignored_callbacks import IgnoredCallbacks, IgnoreReason
from couponbus.ports.shared import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALLBACKS = "CALLBACKS#"  # begins the key of each
SHOWN = timedelta(days=1)
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoIgnoredCallbacks:
    """`ports.IgnoredCallbackCounts`; a call that the SDK retries may count twice."""

    client: "DynamoDBClient"
    table: str
    clock: Clock

    def count(self, *, account: str, reason: IgnoreReason) -> None:
        """Add one, in one write. Never raises: the metric has it too."""
        now = self.clock.now()
        with suppress(*CallFailed):
            self.client.update_item(
                TableName=self.table,
                Key=key_of(account, now),
                UpdateExpression="ADD #reason :one SET last_at = :now, #ttl = :ttl",
                ExpressionAttributeNames={"#reason": reason.value, "#ttl": "ttl"},
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":now": {"S": moment_text(now)},
                    ":ttl": {"N": str(int((now + KEPT).timestamp()))},
                },
            )

    def recent(self, account: str) -> IgnoredCallbacks | None:
        """Read the items of yesterday and today, as of now. Raises LedgerUnavailable."""
        since = key_of(account, self.clock.now() - SHOWN)
        with ledger_call("ignored callbacks"):
            found = self.client.query(
                TableName=self.table,
                ConsistentRead=True,
                KeyConditionExpression="pk = :account AND sk >= :since",
                ExpressionAttributeValues={
                    ":account": since["pk"],
                    ":since": since["sk"],
                },
            )
        return counted_in(found["Items"])


def key_of(account: str, moment: datetime) -> Item:
    """Return the key of the count of a day."""
    return {"pk": {"S": f"{CALLBACKS}{account}"}, "sk": {"S": moment.date().isoformat()}}


def counted_in(items: Sequence[Item]) -> IgnoredCallbacks | None:
    """Return the sum of some days, None without any; unknown reasons are left out."""
    if not items:
        return None
    sums = {
        reason: sum(int(item[reason]["N"]) for item in items if reason in item)
        for reason in IgnoreReason
    }
    return IgnoredCallbacks(
        numbers={reason: number for reason, number in sums.items() if number},
        last_at=max(from_moment_text(item["last_at"]["S"]) for item in items),
    )
