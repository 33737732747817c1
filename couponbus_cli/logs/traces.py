"""Trace ids: what an operator may type for one, and those of rows."""

from collections.abc import Iterable

from couponbus.domain.row import Row
from couponbus.domain.trace import trace_id_in, trace_id_of


def trace_in(query: str) -> str | None:
    """Return the trace id that a trace id, or a `traceparent`, stands for."""
    lower = query.lower()
    return trace_id_of(lower) or trace_id_in(lower)


def traces_of(rows: Iterable[Row]) -> list[str]:
    """Return the trace ids of rows, each once; a row of an older version has none."""
    found = (getattr(row, "trace_id", None) for row in rows)
    return list(dict.fromkeys(one for one in found if isinstance(one, str)))
