"""Trace ids: what an operator may type for one, and those of rows."""

import re
from collections.abc import Iterable

from couponbus.domain.row import Row

TRACEPARENT = re.compile(r"(?:[0-9a-f]{2}-)?([0-9a-f]{32})(?:-[0-9a-f]{16}-[0-9a-f]{2})?")


def trace_in(query: str) -> str | None:
    """Return the trace id that a trace id, or a `traceparent`, stands for."""
    found = TRACEPARENT.fullmatch(query.lower())
    return None if found is None else found[1]


def traces_of(rows: Iterable[Row]) -> list[str]:
    """Return the trace ids of rows, each once; a row of an older version has none."""
    found = (getattr(row, "trace_id", None) for row in rows)
    return list(dict.fromkeys(one for one in found if isinstance(one, str)))
