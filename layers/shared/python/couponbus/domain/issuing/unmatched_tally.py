"""The sign-ups of one source that matched no program in one hour, counted and published."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.identity import digest
from couponbus.domain.row import Row

INTERVAL = timedelta(hours=1)
KEPT_MAX = 100_000  # of one source and tenant in an interval: any more are only counted


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyReport:
    """The content of an event, frozen when decided; more may be counted before it is sent."""

    at: datetime
    counted: int
    kept: int
    signup_id: str


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class UnmatchedTally(Row):
    """The first is published at once, the total when the interval ends: at most two events.

    A sign-up that is redelivered before its batch is stored may be counted twice.
    """

    tally_id: str
    tenant: str
    source: str
    began_at: datetime
    counted: int = 0
    kept: int = 0
    report: TallyReport | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return tally_key(self.tally_id)

    @property
    def ends_at(self) -> datetime:
        """When the total is published."""
        return self.began_at + INTERVAL

    @property
    def room(self) -> int:
        """How many more may be kept."""
        return max(KEPT_MAX - self.kept, 0)

    def counting(
        self, *, number: int, kept: int, signup_id: str, now: datetime, publish_by: datetime
    ) -> Self:
        """Count `number` more, `kept` of them kept; owe an event at once for the first ones."""
        more = replace(self, counted=self.counted + number, kept=self.kept + kept)
        if self.report is None:
            return more.owing(now=now, publish_by=publish_by, signup_id=signup_id)
        return more if self.unpublished else replace(more, due_at=self.ends_at)

    def owing(self, *, now: datetime, publish_by: datetime, signup_id: str) -> Self:
        """Owe an event with the figures as they are."""
        report = TallyReport(at=now, counted=self.counted, kept=self.kept, signup_id=signup_id)
        return replace(self, report=report, outcomes=self.outcomes + 1, due_at=publish_by)

    def closed(self, *, now: datetime, publish_by: datetime) -> Self:
        """Owe an event with the total, unless the last one had it."""
        if self.report is None or self.report.counted == self.counted:
            return replace(self, due_at=None)
        return self.owing(now=now, publish_by=publish_by, signup_id=self.report.signup_id)

    def announced(self, *, now: datetime) -> Self:
        """Return the row with its last event published; the total is published at the end."""
        after = super().announced(now=now)
        if self.report is None or self.report.counted == self.counted:
            return after
        return replace(after, due_at=self.ends_at)


def tally_of(*, tenant: str, source: str, now: datetime) -> UnmatchedTally:
    """Return the tally of the present hour, as it is before anything is counted."""
    began_at = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return UnmatchedTally(
        tally_id=digest("unmatched", tenant, source, began_at.isoformat()),
        tenant=tenant,
        source=source,
        began_at=began_at,
    )


def tally_key(tally_id: str) -> str:
    """Return the key of a tally in the ledger."""
    return f"TALLY#{tally_id}"
