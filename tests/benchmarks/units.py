"""The units that DynamoDB bills for a change of an item: of the table, and of each index.

By the developer guide: "Read and write operations", "Using global secondary indexes".
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.integration.aws.sizes import size
from tests.integration.aws.table import table_description

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import GlobalSecondaryIndexUnionTypeDef


type Item = Mapping[str, Mapping[str, object]]
type Change = tuple[Item | None, Item | None]  # the images before and after it

KB, BLOCK = 1024, 4096
TRANSACTION = 2
TABLE_KEYS = ("pk", "sk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index by its own keys, and all attributes that an entry of it holds."""

    name: str
    keys: tuple[str, ...]
    shown: frozenset[str]

    def entry(self, item: Item | None) -> Item | None:
        """Return the entry of an item; one that lacks a key of the index has none."""
        if item is None or not all(key in item for key in self.keys):
            return None
        return {name: value for name, value in item.items() if name in self.shown}

    def units(self, before: Item | None, after: Item | None) -> int:
        """Return what a change costs: an entry whose key changes is deleted and put."""
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        if old is None or new is None or any(old[key] != new[key] for key in self.keys):
            return sum(kilobytes(entry) for entry in (old, new) if entry is not None)
        return max(kilobytes(old), kilobytes(new))


def table_units(before: Item | None, after: Item | None) -> int:
    """Return what a write of the table costs: by the larger of both images, one at least."""
    return max((kilobytes(item) for item in (before, after) if item is not None), default=1)


def index_units(before: Item | None, after: Item | None) -> Mapping[str, int]:
    """Return what a change costs in each index that it touches; transactions do not double it."""
    units = ((index.name, index.units(before, after)) for index in INDEXES)
    return {name: found for name, found in units if found}


def kilobytes(item: Item) -> int:
    """Return the size of an item in whole KB."""
    return max(1, math.ceil(size(item) / KB))


def blocks(items: Iterator[Item]) -> int:
    """Return the size of what one read finds, in blocks of 4 KB; nothing found costs one too."""
    return max(1, math.ceil(sum(map(size, items)) / BLOCK))


def _index(described: "GlobalSecondaryIndexUnionTypeDef") -> Index:
    keys = tuple(each["AttributeName"] for each in described["KeySchema"])
    projected = described["Projection"].get("NonKeyAttributes", ())
    return Index(
        name=described["IndexName"], keys=keys, shown=frozenset({*TABLE_KEYS, *keys, *projected})
    )


INDEXES = tuple(map(_index, table_description("any")["GlobalSecondaryIndexes"]))
