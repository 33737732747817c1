"""A sign-up that no program matches, kept for some days in case a program is corrected."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.errors import TransitionRefused
from couponbus.domain.row import Row, Step

UNMATCHED = "unmatched"  # a step


class UnmatchedState(StrEnum):
    """KEPT waits for an operator, or for its TTL; MATCHED was processed like any sign-up."""

    KEPT = "KEPT"
    MATCHED = "MATCHED"


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class UnmatchedSignUp(Row):
    """`message` is the event as received, for matching; deleted once a program matches."""

    unmatched_id: str
    tenant: str
    source: str
    signup_id: str
    signed_up_at: datetime
    arrived_at: datetime
    message: str | None = field(repr=False)
    state: UnmatchedState = UnmatchedState.KEPT
    decided_at: datetime | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return unmatched_key(self.unmatched_id)

    @property
    def is_kept(self) -> bool:
        """Whether a program may still match it."""
        return self.state is UnmatchedState.KEPT and self.message is not None

    @property
    def past(self) -> tuple[Step, ...]:
        """The first step of the rows made from it: its arrival, however late it is matched."""
        return (Step(self.arrived_at, UNMATCHED),)

    def rematching(self, *, now: datetime) -> Self:
        """Make it due for matching against the programs, at the next tick of the sweeper."""
        self._require_kept()
        return replace(self, due_at=now, trail=self.step(now, "rematch"))

    def still_unmatched(self, *, now: datetime) -> Self:
        """Keep it: still no program matches."""
        self._require_kept()
        return replace(self, due_at=None, trail=self.step(now, UNMATCHED))

    def matched(self, *, now: datetime) -> Self:
        """Delete the event: what it leads to is in the ledger, or was denied by a program."""
        self._require_kept()
        return replace(
            self,
            state=UnmatchedState.MATCHED,
            message=None,
            due_at=None,
            decided_at=now,
            trail=self.step(now, "matched"),
        )

    def _require_kept(self) -> None:
        if not self.is_kept:
            raise TransitionRefused(f"{self.key} is {self.state.value}")


def unmatched_key(unmatched_id: str) -> str:
    """Return where the ledger keeps an unmatched sign-up."""
    return f"UNMATCHED#{unmatched_id}"
