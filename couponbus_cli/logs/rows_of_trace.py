"""From a trace to its rows: no index leads there, but each log line names a row of each trace."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from couponbus_cli.app.stage import Stage
from couponbus_cli.logs.line import LogLine
from couponbus_cli.logs.log_groups import Logs, kept_of

FIRST = timedelta(days=1)  # most are asked for soon; a search of all that is kept takes longer


def keys_of_trace(trace_id: str, *, logs: Logs, stage: Stage, now: datetime) -> Sequence[str]:
    """Return the keys of rows that the lines of a trace name. Raises Failed."""
    for ago in sorted({FIRST, kept_of(stage)}):
        lines = logs.mentioning([trace_id], since=now - ago).found
        if keys := _keys(lines, trace_id):
            return keys
    return []


def _keys(lines: Sequence[LogLine], trace_id: str) -> list[str]:
    keys = (line.row_of(trace_id) for line in lines)
    return list(dict.fromkeys(key for key in keys if key is not None))
