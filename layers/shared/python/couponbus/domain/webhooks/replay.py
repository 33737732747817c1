"""A replay: who had what sent again; kept, so that it can be asked about later."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.row import Row


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Replay(Row):
    """`selection` says in words what was asked for; `asked_by` is the caller's own name for it."""

    replay_id: str
    tenant: str
    selection: str
    asked_by: str
    began_at: datetime
    planned: int
    rate: int
    sent: int = 0
    ended_at: datetime | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return f"REPLAY#{self.replay_id}"

    def ended(self, *, sent: int, now: datetime) -> Self:
        """Note that all is due."""
        return replace(self, sent=sent, ended_at=now, trail=self.step(now, "all due", str(sent)))
