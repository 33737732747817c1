"""Log lines of functions, as a stage has them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from couponbus_cli.app.failing import Failed
from couponbus_cli.logs.line import LogLine, in_their_order
from couponbus_cli.logs.log_groups import Lines

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
OTHER = "00f067aa0ba902b7a3ce929d0e0e4736"


@dataclass(slots=True)
class FakeLogs:
    """Lines, as a test sets them, searched like those of a log group; keeps the questions."""

    lines: list[LogLine] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    cut: Sequence[str] = ()
    failure: Failed | None = None
    asked: list[tuple[Sequence[str], datetime]] = field(default_factory=list)

    def mentioning(self, trace_ids: Sequence[str], *, since: datetime) -> Lines:
        self.asked.append((trace_ids, since))
        if self.failure is not None:
            raise self.failure
        found = [
            line
            for line in self.lines
            if line.at >= since and any(one in json.dumps(line.content) for one in trace_ids)
        ]
        return Lines(found=in_their_order(found), unread=self.unread, cut=self.cut)


def a_line(
    function: str,
    at: datetime,
    *,
    what: str = "batch done",
    outcome: str = "issued",
    trace_id: str = TRACE,
    row: str = "",
    failed: Sequence[str] = (),
) -> LogLine:
    """Return the line of a batch with one trace, and messages that come again for these reasons."""
    content: dict[str, object] = {
        "message": what,
        "request_id": f"request-of-{function}",
        "traces": {outcome: [OTHER, trace_id]},
        "rows": {outcome: ["", row]},
    }
    if failed:
        content["failed"] = [{"message": f"m-{one}", "why": why} for one, why in enumerate(failed)]
    return LogLine(at=at, function=function, content=content)
