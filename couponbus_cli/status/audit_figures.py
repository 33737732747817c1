"""The progress of the nightly audit, and whether it keeps up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.aws.ledger.report import Backlogged
from couponbus.domain.issuing.audit_progress import AuditProgress
from couponbus_cli.app.formatting import duration, when
from couponbus_cli.app.stage import Stage
from couponbus_cli.status.log_command import log_command

REPORT_AFTER = timedelta(hours=26)  # as its alarm
REPORT_DOUBT_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFigures:
    """The progress of the audit, None before the first night, and the backlog once in doubt."""

    progress: AuditProgress | None
    waiting: Backlogged

    def data(self) -> Mapping[str, object]:
        """Return them with stable keys."""
        waiting = self.waiting
        return {
            "waiting": waiting.rows,
            "oldest_waiting": waiting.oldest and waiting.oldest.isoformat(),
            "pass": self.progress and _data_of(self.progress),
        }


def lines_of(figures: AuditFigures, *, now: datetime) -> Iterator[str]:
    """Yield the progress of the audit as text."""
    if figures.waiting.rows:
        yield f"To audit, as it was in doubt: {figures.waiting.shown}"
    progress = figures.progress
    if progress is None:
        return
    yield (
        f"Audited: {progress.passed:,} issuances were passed since {when(progress.began_at, now)}"
        f"{_last_pass(progress)}"
    )


def behind(figures: AuditFigures, *, now: datetime, stage: Stage) -> Iterator[str]:
    """Yield a sentence for each problem of the audit that needs an operator."""
    progress, waiting = figures.progress, figures.waiting
    if progress is not None and now - progress.ran_at > REPORT_AFTER:
        yield (
            f"the audit did nothing since {when(progress.ran_at, now)}: audit_barcodes does not"
            f" run, or fails; see {log_command('audit_barcodes', stage=stage)}"
        )
    elif waiting.oldest is not None and now - waiting.oldest > REPORT_DOUBT_AFTER:
        waits = "issuance that was in doubt waits" if waiting.rows == 1 else "issuances wait"
        yield (
            f"{waiting.shown} {waits} for the audit, the oldest for"
            f" {duration(now - waiting.oldest)}: Coniq does not answer"
            " look-ups at night, its account is not deployed, or there are too many; see couponbus"
            " probe coniq"
        )


def _last_pass(progress: AuditProgress) -> str:
    if progress.last_began_at is None or progress.last_ended_at is None:
        return ""
    took = duration(progress.last_ended_at - progress.last_began_at)
    return f"; the pass before went through all {progress.last_passed:,} in {took}"


def _data_of(progress: AuditProgress) -> Mapping[str, object]:
    ended = progress.last_ended_at
    return {
        "passed": progress.passed,
        "began_at": progress.began_at.isoformat(),
        "ran_at": progress.ran_at.isoformat(),
        "last_passed": progress.last_passed,
        "last_ended_at": ended and ended.isoformat(),
    }
