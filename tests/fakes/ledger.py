"""The ledger in memory: the same promises as the table, nothing else."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from heapq import nsmallest

from couponbus.aws.ledger.retention import kept_until
from couponbus.domain.errors import RowsBroken
from couponbus.domain.issuing.issuance import Issuance, issuance_key
from couponbus.domain.outbox.backlog import Attention, attention_of, backlog_of
from couponbus.domain.row import Row, Rows
from couponbus.ports.shared import Conflict, DuePage, IssuancePage

ROWS_TOGETHER = 100


class MemoryLedger:
    """A dict of rows, open to tests as `rows`; `writes` counts the rows that were stored.

    `broken` has the keys of rows that this version can neither read nor write over, `unfit` those
    of rows that no table would store. `decided_kept` is how long decided issuances are kept.
    """

    def __init__(self, *rows: Row, decided_kept: timedelta | None = None) -> None:
        self.decided_kept = decided_kept
        self.rows: dict[str, Row] = {row.key: row for row in rows}
        self.writes = 0
        self.broken: set[str] = set()
        self.unfit: set[str] = set()

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        _require_distinct(rows)
        broken = self._broken(rows)
        conflicts = self._conflicts([row for row in rows if row.key not in broken])
        lost = broken.union(conflict.attempted.key for conflict in conflicts)
        self._put([row for row in rows if row.key not in lost])
        if broken:
            raise RowsBroken(broken)
        return conflicts

    def write_together(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        _require_distinct(rows)
        if len(rows) > ROWS_TOGETHER:
            raise ValueError("no more than 100 rows are written together")
        if broken := self._broken(rows):
            raise RowsBroken(broken)
        conflicts = self._conflicts(rows)
        if not conflicts:
            self._put(rows)
        return conflicts

    def read(self, keys: Sequence[str]) -> Rows:
        found = {key: self.rows[key] for key in keys if key in self.rows and key not in self.broken}
        return Rows(found, broken=self.broken & self.rows.keys() & set(keys))

    def due(self, *, backlog: str, now: datetime, limit: int, after: str | None = None) -> DuePage:
        return due_page(self.rows.values(), backlog, now=now, limit=limit, after=after)

    def attention(self, kind: Attention, *, limit: int) -> Sequence[str]:
        found = sorted(key for key, row in self.rows.items() if attention_of(row) is kind)
        return found[:limit]

    def issuances(self, *, limit: int, after: str | None = None) -> IssuancePage:
        left = sorted(key for key in self.rows if after is None or key > after)
        keys = left[:limit]
        kind = issuance_key("")
        read = self.read([key for key in keys if key.startswith(kind)])
        return IssuancePage(
            issuances=[row for row in read.values() if isinstance(row, Issuance)],
            broken=read.broken,
            after=keys[-1] if len(left) > limit else None,
        )

    def expire(self, now: datetime) -> None:
        """Delete what has expired; the table does so by itself, up to days later."""
        for key, row in list(self.rows.items()):
            until = kept_until(row, decided=self.decided_kept)
            if until is not None and until <= now:
                del self.rows[key]

    def _conflicts(self, rows: Sequence[Row]) -> list[Conflict]:
        beside = [(row, self.rows.get(row.key)) for row in rows]
        return [
            Conflict(attempted=row, stored=stored)
            for row, stored in beside
            if row.revision - 1 != (0 if stored is None else stored.revision)
        ]

    def _broken(self, rows: Sequence[Row]) -> set[str]:
        """Return the keys of what cannot be stored: it is unfit, or the stored row is broken.

        A write over the stored revision does not need to read the row.
        """
        return {
            row.key
            for row in rows
            if row.key in self.unfit
            or (
                row.key in self.broken
                and (stored := self.rows.get(row.key)) is not None
                and row.revision - 1 != stored.revision
            )
        }

    def _put(self, rows: Sequence[Row]) -> None:
        self.rows.update({row.key: row for row in rows})
        self.writes += len(rows)


def due_page(
    rows: Iterable[Row], backlog: str, *, now: datetime, limit: int, after: str | None
) -> DuePage:
    """Return what a ledger with these rows has due, the longest overdue first."""
    begin = () if after is None else tuple(after.split(" ", 1))
    places = (
        (row.due_at.isoformat(), row.key)
        for row in rows
        if row.due_at is not None and row.due_at <= now and backlog_of(row) == backlog
    )
    left = nsmallest(limit + 1, (place for place in places if place > begin))
    last = " ".join(left[limit - 1]) if len(left) > limit else None
    return DuePage(keys=[key for _, key in left[:limit]], after=last)


def _require_distinct(rows: Sequence[Row]) -> None:
    if len({row.key for row in rows}) < len(rows):
        raise ValueError("rows of one write have distinct keys")
