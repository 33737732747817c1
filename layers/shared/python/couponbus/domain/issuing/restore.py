"""The restore mark of a table that was brought back to an earlier hour: what it may have lost."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.row import Row

RESTORE_KEY = "RESTORE#ledger"


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Restore(Row):
    """The table has the state of `to`; it does not know what workers did from then until `at`.

    `done_at` is when an operator declared the lost hours to be filled again. The row stays: an
    issuance that began before that is looked up before it is sent, however late that is.
    """

    restore_id: str
    to: datetime
    at: datetime
    done_at: datetime | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return f"RESTORE#{self.restore_id}"

    def predates(self, row: Row) -> bool:
        """Whether a row began before the lost hours were filled; while they are not, all did."""
        if self.done_at is None:
            return True
        return bool(row.trail) and row.trail[0].at <= max(self.at, self.done_at)

    def may_have_forgotten(self, issuance: Issuance) -> bool:
        """Whether a barcode may exist of which the ledger knows nothing.

        An attempt since the restore proves that it was looked up before; other steps of the trail
        prove nothing, as a row may have waited since.
        """
        if self._was_allowed(issuance):
            return False
        if issuance.requested_at is not None:
            return issuance.requested_at < self.at
        return self.predates(issuance)

    def begun_again(self, *, to: datetime, at: datetime) -> Self:
        """Return the mark of a later restore; what an earlier one left open stays open."""
        since = min(to, self.to)
        step = self.step(at, "restored", since.isoformat())
        return replace(self, to=since, at=at, done_at=None, trail=step)

    def _was_allowed(self, issuance: Issuance) -> bool:
        """Whether an operator has decided on what was found since the restore.

        For what was found before, the ledger may have lost the outcome.
        """
        steps = [step.what for step in issuance.trail if step.at >= self.at]
        return "ambiguous" in steps and "allowed again" in steps[steps.index("ambiguous") :]

    def done(self, *, now: datetime) -> Self:
        """Treat new sign-ups as new again: the producers have sent the lost ones."""
        return replace(self, done_at=now, trail=self.step(now, "done"))


def restore_of(*, to: datetime, at: datetime) -> Restore:
    """Return the mark of the first restore of a table."""
    blank = Restore(restore_id=RESTORE_KEY.partition("#")[2], to=to, at=at)
    return replace(blank, trail=blank.step(at, "restored", to.isoformat()))
