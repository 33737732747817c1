"""Stores the refusal by a gate with its reason; nothing is sent but the event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.program import Refusal
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.timing import Timing
from couponbus.ports.shared import Clock
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.issuing.admission import Admission
from couponbus.usecases.issuing.enrolment import Enrolled
from couponbus.usecases.issuing.resolution_store import ResolutionStore

# Longer than any worker caches programs, and longer than an operator takes to notice a slip.
PROGRAM_GRACE = timedelta(minutes=15)
PROGRAM_REMOVED = "program removed"

type Refused = tuple[Enrolled, Refusal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Refuses what was not sent yet; a later sign-up that passes the gates may reopen it."""

    resolutions: ResolutionStore
    admission: Admission
    clock: Clock
    timing: Timing

    def refuse(self, refused: Sequence[Refused], *, run: Invocation) -> None:
        """Store each refusal with its reason; a row whose program is gone waits before that."""
        now = self.clock.now()
        reasons = {row.key: reason for row, reason in refused}
        waiting = {row.key for row, reason in refused if _may_come_back(row, reason, now=now)}
        run.count(Metric.REFUSED, len(refused) - len(waiting))
        run.count(Metric.POSTPONED, len(waiting))
        publish_by = self.timing.publish_by(now)

        def rejected(one: Issuance) -> Issuance:
            if one.key in waiting:
                return one.postponed(now=now, until=now + PROGRAM_GRACE, why=PROGRAM_REMOVED)
            return one.rejected(reason=reasons[one.key], now=now, publish_by=publish_by)

        def refused_or_waiting(one: Resolution) -> Resolution:
            if one.key in waiting:
                until = now + PROGRAM_GRACE
                return one.waiting(now=now, until=until, why=PROGRAM_REMOVED, tries=one.tries)
            return one.refused(reason=reasons[one.key], now=now, publish_by=publish_by)

        issuances = [row for row, _ in refused if isinstance(row, Issuance)]
        self.admission.admit(issuances, rejected, now=now, run=run)
        resolutions = [refused_or_waiting(row) for row, _ in refused if isinstance(row, Resolution)]
        run.count(Metric.DUPLICATES, len(self.resolutions.save(resolutions, run=run)))


def _may_come_back(row: Enrolled, reason: Refusal, *, now: datetime) -> bool:
    """Whether its program has not been gone for long enough to be taken for removed."""
    if reason is not Refusal.PROGRAM_REMOVED:
        return False
    last = row.trail[-1] if row.trail else None
    has_waited = last is not None and (last.what, last.detail) == ("waiting", PROGRAM_REMOVED)
    return not (last is not None and has_waited and last.at + PROGRAM_GRACE <= now)
