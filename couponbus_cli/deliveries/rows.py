"""The table of deliveries: event, endpoint, state and result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.table import Column, Table

from couponbus.domain.identity import ID_LENGTH
from couponbus.domain.webhooks.delivery import Delivery, DeliveryState
from couponbus.domain.webhooks.retry_schedule import message_id_of
from couponbus_cli.deliveries.words import attempt_text, result_of

COLUMNS = ("published (UTC)", "event", "endpoint", "state", "attempt", "result", "next attempt")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A delivery, and when its event was published."""

    at: datetime
    row: Delivery


def table_of(rows: Sequence[DeliveryRow]) -> Table:
    """Return a line for each; the id is never truncated, because commands take it."""
    table = Table(Column("delivery", no_wrap=True, min_width=ID_LENGTH))
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for each in rows:
        row = each.row
        table.add_row(
            row.delivery_id,
            _shown(each.at),
            row.detail_type,
            row.endpoint_id,
            row.state,
            attempt_text(row).removeprefix("attempt "),
            result_of(row),
            _shown(next_attempt_of(row)),
        )
    return table


def data_of(row: Delivery) -> dict[str, object]:
    """Return it with stable keys."""
    return {
        "delivery_id": row.delivery_id,
        "webhook_id": message_id_of(row.event_id),
        "event_id": row.event_id,
        "type": row.detail_type,
        "tenant": row.tenant,
        "endpoint_id": row.endpoint_id,
        "state": row.state.value,
        "round": row.round,
        "attempt": row.attempt,
        "attempted_at": _text(row.attempted_at),
        "status": row.status,
        "reason": row.reason,
        "next_attempt_at": _text(next_attempt_of(row)),
        "replay_id": row.replay_id,
    }


def next_attempt_of(row: Delivery) -> datetime | None:
    """Return when the next attempt may start, None for a final state."""
    return (row.ready_at or row.due_at) if row.state is DeliveryState.PENDING else None


def _shown(at: datetime | None) -> str:
    """Leave out the year: deliveries are kept for less than one."""
    return "-" if at is None else f"{at.astimezone(UTC):%m-%d %H:%M:%S}"


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
