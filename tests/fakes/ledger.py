"""The ledger in memory: the same promises as the table, nothing else."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from couponbus.domain.issuance import Issuance, issuance_key
from couponbus.domain.row import Row
from couponbus.ports import Conflict


class MemoryLedger:
    """A dict of rows, open to tests as `rows`; `writes` counts the rows that were stored."""

    def __init__(self, *rows: Row) -> None:
        self.rows: dict[str, Row] = {row.key: row for row in rows}
        self.writes = 0

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        if len({row.key for row in rows}) < len(rows):
            raise ValueError("rows of one write have distinct keys")
        return [conflict for row in rows if (conflict := self._put(row)) is not None]

    def read(self, keys: Sequence[str]) -> Mapping[str, Row]:
        return {key: self.rows[key] for key in keys if key in self.rows}

    def due(self, *, now: datetime, limit: int) -> Sequence[str]:
        found = sorted(
            (row.due_at, key)
            for key, row in self.rows.items()
            if row.due_at is not None and row.due_at <= now
        )
        return [key for _, key in found[:limit]]

    def sample(self, *, start: str, limit: int) -> Sequence[Row]:
        rows = sorted(self._issuances(), key=lambda row: row.key)
        after = [row for row in rows if row.key > issuance_key(start)]
        before = [row for row in rows if row.key <= issuance_key(start)]
        return (after + before)[:limit]

    def _issuances(self) -> list[Issuance]:
        return [row for row in self.rows.values() if isinstance(row, Issuance)]

    def _put(self, row: Row) -> Conflict | None:
        stored = self.rows.get(row.key)
        if row.revision - 1 != (0 if stored is None else stored.revision):
            return Conflict(attempted=row, stored=stored)
        self.rows[row.key] = row
        self.writes += 1
        return None
