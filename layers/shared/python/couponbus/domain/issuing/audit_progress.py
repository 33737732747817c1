"""How far the nightly audit has come in its walk through the ledger."""

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.row import Row

AUDIT_KEY = "AUDIT#barcodes"
SINGLE_OUT = 20  # a pass looks up one in this many issuances that were never in doubt


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class AuditProgress(Row):
    """One pass goes through all issuances, in as many nights as that takes.

    `place` is the cursor into the ledger, None at its beginning; `passed` counts the issuances of
    this pass. `last_*` are of the last whole pass, `ran_at` is the time of the last run.
    """

    audit_id: str = AUDIT_KEY.partition("#")[2]
    passes: int = 0
    place: str | None = None
    passed: int = 0
    began_at: datetime
    ran_at: datetime
    last_began_at: datetime | None = None
    last_ended_at: datetime | None = None
    last_passed: int = 0

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return f"AUDIT#{self.audit_id}"

    def singles_out(self, issuance: Issuance) -> bool:
        """Whether it is in the sample of this pass; each pass has another sample."""
        return zlib.crc32(issuance.key.encode()) % SINGLE_OUT == self.passes % SINGLE_OUT

    def advanced(self, *, place: str | None, issuances: int, now: datetime) -> Self:
        """Count the issuances up to `place`; None ends the pass, and the next one begins."""
        passed = self.passed + issuances
        if place is not None:
            return replace(self, place=place, passed=passed, ran_at=now)
        return replace(
            self,
            passes=self.passes + 1,
            place=None,
            passed=0,
            began_at=now,
            ran_at=now,
            last_began_at=self.began_at,
            last_ended_at=now,
            last_passed=passed,
        )


def first_pass(*, now: datetime) -> AuditProgress:
    """Return where the very first audit begins."""
    return AuditProgress(began_at=now, ran_at=now)
