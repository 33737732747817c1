"""A ledger in memory with planned failures, lost answers, a stale index and concurrent writes."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.outbox.backlog import Attention
from couponbus.domain.row import Row, Rows
from couponbus.ports.shared import Conflict, DuePage, IssuancePage
from tests.fakes.ledger import MemoryLedger

type Operation = Literal["write", "write_together", "read", "due", "attention", "issuances"]
type Writing = Literal["write", "write_together"]
type Event = Callable[[], None]


def nothing() -> None:
    """Let a call pass as it is."""


class UnreliableLedger(MemoryLedger):
    """Each planned fault belongs to one call; calls without one succeed.

    `stale` are keys that the index names first although their rows are not due any more.
    """

    def __init__(self, *rows: Row) -> None:
        super().__init__(*rows)
        self.stale: list[str] = []
        self._before: dict[Operation, deque[Event]] = {}
        self._after: dict[Writing, deque[Event]] = {}

    def will_fail(self, operation: Operation, *, times: int = 1, after: int = 0) -> None:
        """Let `after` calls pass, then the next `times` calls do nothing and raise."""
        plan = self._before.setdefault(operation, deque())
        plan.extend([nothing] * after)
        plan.extend([_unavailable] * times)

    def will_lose_the_answer(
        self, *, times: int = 1, after: int = 0, of: Writing = "write"
    ) -> None:
        """Let `after` writes pass, then the next `times` store everything and yet raise."""
        plan = self._after.setdefault(of, deque())
        plan.extend([nothing] * after)
        plan.extend([_unavailable] * times)

    def will_be_overtaken(self, by: Event, *, after: int = 0, of: Operation = "write") -> None:
        """Let `after` calls pass, then call `by` just before the next one."""
        plan = self._before.setdefault(of, deque())
        plan.extend([nothing] * after)
        plan.append(by)

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        self._happen("write")
        conflicts = super().write(rows)
        self._happened("write")
        return conflicts

    def write_together(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        self._happen("write_together")
        conflicts = super().write_together(rows)
        self._happened("write_together")
        return conflicts

    def read(self, keys: Sequence[str]) -> Rows:
        self._happen("read")
        return super().read(keys)

    def due(self, *, backlog: str, now: datetime, limit: int, after: str | None = None) -> DuePage:
        self._happen("due")
        if after is None and self.stale:
            return DuePage(keys=self.stale, after="")
        return super().due(backlog=backlog, now=now, limit=limit, after=after or None)

    def attention(self, kind: Attention, *, limit: int) -> Sequence[str]:
        self._happen("attention")
        return super().attention(kind, limit=limit)

    def issuances(self, *, limit: int, after: str | None = None) -> IssuancePage:
        self._happen("issuances")
        return super().issuances(limit=limit, after=after)

    def _happen(self, operation: Operation) -> None:
        plan = self._before.get(operation)
        if plan:
            plan.popleft()()

    def _happened(self, operation: Writing) -> None:
        plan = self._after.get(operation)
        if plan:
            plan.popleft()()


def _unavailable() -> None:
    raise LedgerUnavailable("a text of no log", code="write:ReadTimeoutError")
