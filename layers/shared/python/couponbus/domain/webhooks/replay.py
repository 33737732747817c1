"""A replay: who had which events sent again; kept as a record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.row import Row


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Replay(Row):
    """`selection` describes the selected events; `requested_by` is the name that was given."""

    replay_id: str
    tenant: str
    selection: str
    requested_by: str
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
        """Note that all deliveries are due."""
        return replace(self, sent=sent, ended_at=now, trail=self.step(now, "all due", str(sent)))
