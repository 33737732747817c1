"""The table of endpoints, without the part of a URL that may be secret."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from rich.table import Column, Table

from couponbus.domain.webhooks.endpoint import EVERYTHING, Endpoint, EndpointState
from couponbus_cli.app.formatting import duration, moment

COLUMNS = ("url", "state", "failing", "parked", "events", "scopes", "rate", "description")


def table_of(
    rows: Sequence[Endpoint], *, now: datetime, parked: Mapping[str, int], counted: int
) -> Table:
    """Return a line for each; the id is never truncated, because commands take it.

    `parked` are the webhooks that wait for each, counted up to `counted`.
    """
    table = Table(Column("endpoint", no_wrap=True))
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(
            row.endpoint_id,
            shown_url(row.url),
            state_of(row),
            failing(row, now),
            f"{parked[row.endpoint_id]:,}{'+' if parked[row.endpoint_id] >= counted else ''}",
            events_of(row),
            ", ".join(row.scopes) or "-",
            "-" if row.rate is None else f"{row.rate}/s",
            row.description or "-",
        )
    return table


def data_of(row: Endpoint) -> dict[str, object]:
    """Return it with stable keys."""
    return {
        "endpoint_id": row.endpoint_id,
        "tenant": row.tenant,
        "url": shown_url(row.url),
        "state": row.state.value,
        "reason": row.reason,
        "since": _text(row.changed_at or row.created_at),
        "failing_since": _text(row.failing_since),
        "events": json.loads(row.pattern),
        "scopes": [*row.scopes],
        "rate": row.rate,
        "description": row.description,
    }


def shown_url(url: str) -> str:
    """Return scheme and host only: path and query may hold a token."""
    parts = urlsplit(url)
    more = "…" if parts.path.strip("/") or parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{more}"


def state_of(row: Endpoint) -> str:
    """Return the state, its reason, and since when."""
    if row.state is EndpointState.ACTIVE or row.changed_at is None:
        return row.state
    why = f" ({row.reason})" if row.reason else ""
    return f"{row.state}{why} since {moment(row.changed_at)}"


def failing(row: Endpoint, now: datetime) -> str:
    """Return how long it has failed."""
    return "-" if row.failing_since is None else f"for {duration(now - row.failing_since)}"


def events_of(row: Endpoint) -> str:
    """Return the events it gets: names if its pattern has only names, else the pattern."""
    if row.pattern == EVERYTHING:
        return "all"
    pattern = json.loads(row.pattern)
    names = pattern.get("detail-type", [])
    if list(pattern) == ["detail-type"] and all(isinstance(name, str) for name in names):
        return ", ".join(names)
    return row.pattern


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
