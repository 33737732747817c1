"""The accounts with which a stage ever ran: what was issued is stored under their ids."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.errors import ledger_call

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEY: Item = {"pk": {"S": "ACCOUNTS"}, "sk": {"S": "SEEN"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoSeenAccounts:
    """One item of the ledger's table with a set of ids, each prefixed by its provider."""

    client: "DynamoDBClient"
    table: str

    def all(self) -> frozenset[str]:
        """Return the ids that were seen. Raises LedgerUnavailable."""
        with ledger_call("seen accounts"):
            answer = self.client.get_item(TableName=self.table, Key=_KEY, ConsistentRead=True)
        return frozenset(answer.get("Item", {}).get("ids", {}).get("SS", ()))

    def see(self, ids: Collection[str]) -> None:
        """Add these ids. Raises LedgerUnavailable."""
        self._change("ADD", ids)

    def forget(self, ids: Collection[str]) -> None:
        """Remove these ids. Raises LedgerUnavailable."""
        self._change("DELETE", ids)

    def _change(self, verb: str, ids: Collection[str]) -> None:
        if not ids:
            return
        with ledger_call("seen accounts"):
            self.client.update_item(
                TableName=self.table,
                Key=_KEY,
                UpdateExpression=f"{verb} ids :ids",
                ExpressionAttributeValues={":ids": {"SS": sorted(ids)}},
            )
