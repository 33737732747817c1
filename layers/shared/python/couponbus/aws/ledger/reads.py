"""Consistent reads of rows by their keys."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import SORT, decode
from couponbus.aws.ledger.errors import ledger_call
from couponbus.aws.ledger.kinds import KINDS
from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.row import Row, Rows
from couponbus.ports.shared import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        KeysAndAttributesOutputTypeDef,
        KeysAndAttributesTypeDef,
    )

KEYS_PER_CALL = 100
ROUNDS = 8
FIRST_PAUSE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistentReads:
    """Reads of a table with the keys `pk` and `sk`."""

    client: "DynamoDBClient"
    table: str
    clock: Clock

    def read(self, keys: Sequence[str]) -> Rows:
        """Read consistently, in the order of the keys. Raises LedgerUnavailable.

        Rows of a kind that this version does not know are broken, and not asked for: no role of
        this version may read them, and one such key would fail the others of its call.
        """
        known = [key for key in dict.fromkeys(keys) if key.partition("#")[0] in KINDS]
        chunks = batched(known, KEYS_PER_CALL, strict=False)
        read = decoded(item for chunk in chunks for item in self._items(chunk))
        found = dict(read.items())
        unknown = frozenset(keys).difference(known)
        return Rows({key: found[key] for key in keys if key in found}, broken=read.broken | unknown)

    def _items(self, keys: Sequence[str]) -> Iterator[Item]:
        wanted: Mapping[str, KeysAndAttributesTypeDef | KeysAndAttributesOutputTypeDef] = {
            self.table: {
                "Keys": [place_of(key) for key in keys],
                "ConsistentRead": True,
            }
        }
        for each in range(ROUNDS):
            with ledger_call("read"):
                answer = self.client.batch_get_item(RequestItems=wanted)
            yield from answer.get("Responses", {}).get(self.table, [])
            wanted = answer.get("UnprocessedKeys") or {}
            if not wanted:
                return
            self.clock.sleep(FIRST_PAUSE * 2**each)
        raise LedgerUnavailable("read: the table gives no more", code="read:UnprocessedKeys")


def place_of(key: str) -> Mapping[str, Mapping[str, str]]:
    """Return the key of the item of a row."""
    return {"pk": {"S": key}, "sk": {"S": SORT}}


def decoded(items: Iterable[Item]) -> Rows:
    """Return the readable rows by key, and the keys of the others."""
    found: dict[str, Row] = {}
    broken: set[str] = set()
    for item in items:
        try:
            row = decode(item)
        except RowsBroken as unreadable:
            broken |= unreadable.keys
        else:
            found[row.key] = row
    return Rows(found, broken=broken)
