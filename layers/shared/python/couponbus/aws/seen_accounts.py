"""Which accounts a stage was ever seen with: what was issued is stored under their ids."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.errors import CallFailed, code_of
from couponbus.domain.errors import LedgerUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEY: Item = {"pk": {"S": "ACCOUNTS"}, "sk": {"S": "SEEN"}}


class DynamoSeenAccounts:
    """One item of the ledger's table with a set of ids, each with its provider before it."""

    def __init__(self, *, client: "DynamoDBClient", table: str) -> None:
        """Keep it in this table."""
        self._client = client
        self._table = table

    def all(self) -> frozenset[str]:
        """Return those that were seen. Raises LedgerUnavailable."""
        try:
            answer = self._client.get_item(TableName=self._table, Key=_KEY, ConsistentRead=True)
        except CallFailed as error:
            raise LedgerUnavailable(f"seen accounts: {code_of(error)}") from None
        return frozenset(answer.get("Item", {}).get("ids", {}).get("SS", ()))

    def see(self, ids: Collection[str]) -> None:
        """Note these too. Raises LedgerUnavailable."""
        self._change("ADD", ids)

    def forget(self, ids: Collection[str]) -> None:
        """Note these no more. Raises LedgerUnavailable."""
        self._change("DELETE", ids)

    def _change(self, verb: str, ids: Collection[str]) -> None:
        if not ids:
            return
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_KEY,
                UpdateExpression=f"{verb} ids :ids",
                ExpressionAttributeValues={":ids": {"SS": sorted(ids)}},
            )
        except CallFailed as error:
            raise LedgerUnavailable(f"seen accounts: {code_of(error)}") from None
