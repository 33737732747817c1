"""Enqueue the watches that are due for a poll, within each account's call budget."""

from collections.abc import Mapping

from couponbus.domain.errors import RowsBroken, Unavailable
from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability
from couponbus.usecases.polling.schedule_polls import SchedulePolls, ScheduleReport
from functions.schedule_polls import wiring

observability = Observability(service="schedule_polls")


def handler(
    event: Mapping[str, object], context: Context, *, service: SchedulePolls | None = None
) -> dict[str, float]:
    """Schedule once; the next tick makes up for one that is late, missing or failed."""
    del event  # its planned time does not matter: the watermark is in the ledger
    job = service or wiring.service()
    try:
        report = job.handle(deadline=deadline_of(context))
    except (Unavailable, RowsBroken) as error:
        counts = {"Failed": 1.0}
        observability.alarm(
            "tick failed", request_id=context.aws_request_id, details={"error": str(error)}
        )
    else:
        counts = _counts(report)
        observability.name_broken(report.broken, request_id=context.aws_request_id)
    observability.report("scheduled", request_id=context.aws_request_id, counts=counts)
    return counts


def _counts(report: ScheduleReport) -> dict[str, float]:
    if report.skipped:
        return {"Scheduled": 1.0, "Skipped": 1.0}
    return {
        "Scheduled": 1.0,
        "Spans": float(report.spans),
        "WatchesExpected": report.watches_expected,
        "Commands": float(report.commands),
        "LagSeconds": report.lag_seconds,
        "Throttled": float(report.throttled),
        "BudgetExceeded": float(report.exceeded),
        "AccountsPaused": float(report.paused),
        **({"BrokenRows": float(len(report.broken))} if report.broken else {}),
    }
