"""Every minute, enqueue overdue rows and publish events that are still owed."""

from collections.abc import Mapping

from couponbus.runtime.invocation import Context, deadline_of
from couponbus.runtime.observability import Observability, failures_in_line, traces_in_line
from couponbus.usecases.outbox.sweep_due import SweepDue
from functions.sweep_due import wiring

observability = Observability(service="sweep_due")


def handler(
    event: Mapping[str, object], context: Context, *, service: SweepDue | None = None
) -> dict[str, float]:
    """Sweep once; ticks that overlap or are repeated do no harm."""
    del event  # a tick has no content
    job = service or wiring.service()
    report = job.handle(deadline=deadline_of(context))
    counts = {
        "Swept": 1.0,
        "Enqueued": float(report.handed_over),
        "Published": float(report.published),
        "Failed": float(report.failed),
        **{f"Unsent{queue.title()}": float(rows) for queue, rows in report.unsent.items()},
        **({} if report.oldest is None else {"OldestDueSeconds": report.oldest}),
        **{level.value: value for level, value in report.levels.items()},
    }
    if report.broken:
        counts["BrokenRows"] = float(len(report.broken))
        observability.name_broken(report.broken, request_id=context.aws_request_id)
    if report.bugs:
        counts["UnexpectedErrors"] = float(len(report.bugs))
        observability.alarm(
            "unexpected error",
            request_id=context.aws_request_id,
            details={"errors": list(report.bugs)},
        )
    details = {**traces_in_line(report.traces), **failures_in_line({}, undone=report.causes)}
    observability.report("swept", request_id=context.aws_request_id, counts=counts, details=details)
    return counts
