"""A quarantined message from which a sign-up id could be read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.row import Row


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Rejection(Row):
    """Why it was quarantined; `rejection_id` comes from the bytes, the payload is not kept."""

    rejection_id: str
    tenant: str
    signup_id: str
    reason: str
    fields: tuple[str, ...] = ()
    rejected_at: datetime
    trace_id: str | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return f"REJECTION#{self.rejection_id}"

    def to_publish(self, *, now: datetime, by: datetime) -> Self:
        """Owe the producer an event."""
        return replace(self, outcomes=1, due_at=by, trail=self.step(now, "rejected", self.reason))
