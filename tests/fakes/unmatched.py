"""The kept sign-ups of a ledger in memory, read from its rows."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus.domain.row import Row


class _Rows(Protocol):
    @property
    def rows(self) -> Mapping[str, Row]: ...


class MemoryUnmatched:
    """Knows each as soon as it is stored, until it is matched."""

    def __init__(self, ledger: _Rows) -> None:
        self._ledger = ledger

    def kept(self, *, since: datetime, until: datetime) -> Iterator[str]:
        found = [
            row
            for row in self._ledger.rows.values()
            if isinstance(row, UnmatchedSignUp) and row.is_kept and since <= row.arrived_at < until
        ]
        for row in sorted(found, key=lambda row: (row.arrived_at, row.unmatched_id)):
            yield row.key
