"""What an issued row takes, once all is published."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.cost.prices import PRICES
from tests.benchmarks.units import INDEXES, Item
from tests.integration.aws.sizes import size

ENTRY = 100  # bytes that DynamoDB adds to an item, and to an entry of an index
ISSUANCE = "ISSUANCE#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Mean bytes of a row, and of its entries in indexes."""

    table: float
    index: float

    @property
    def usd(self) -> float:
        """Return the price of a million of them, for a month."""
        return PRICES.stored(table=self.table, index=self.index)


def stored(items: Sequence[Item]) -> Stored:
    """Return the mean of the issuances among these items."""
    rows = [item for item in items if str(item["pk"]["S"]).startswith(ISSUANCE)]
    entries = [entry for row in rows for index in INDEXES if (entry := index.entry(row))]
    return Stored(
        table=sum(size(row) + ENTRY for row in rows) / len(rows),
        index=sum(size(entry) + ENTRY for entry in entries) / len(rows),
    )
