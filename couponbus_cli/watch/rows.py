"""The table of watches, without the customers' names."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.table import Column, Table

from couponbus.domain.identity import ID_LENGTH
from couponbus.domain.polling.next_poll import next_poll
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import WatchState
from couponbus_cli.watch.polling import Polling

COLUMNS = ("state", "of", "program", "sign-up", "since", "code ends", "recorded", "next poll")


def table_of(rows: Sequence[Watch], *, now: datetime, polling: Polling) -> Table:
    """Return a line for each; the id is never truncated, because commands take it."""
    table = Table(Column("watch", no_wrap=True, min_width=ID_LENGTH))
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for row in rows:
        listed = row.list_filter.texts if row.list_filter else ()
        of = " ".join([*filter(None, (row.provider, row.account, row.promotion)), *listed])
        table.add_row(
            row.watch_id,
            row.state,
            of,
            row.program,
            row.signup_id,
            _shown(row.started_at),
            _shown(row.expires_at),
            str(row.recorded),
            _shown(planned(row, now=now, polling=polling)),
        )
    return table


def data_of(row: Watch, *, now: datetime, polling: Polling) -> dict[str, object]:
    """Return it with stable keys."""
    return {
        "watch_id": row.watch_id,
        "state": row.state.value,
        "provider": row.provider.value,
        "account": row.account,
        "promotion": row.promotion,
        "filter": [*row.list_filter.texts] if row.list_filter else None,
        "program": row.program,
        "signup_id": row.signup_id,
        "tenant": row.tenant,
        "since": row.started_at.isoformat(),
        "expires_at": _text(row.expires_at),
        "recorded": row.recorded,
        "reason": row.reason,
        "next_poll_at": _text(planned(row, now=now, polling=polling)),
    }


def planned(row: Watch, *, now: datetime, polling: Polling) -> datetime | None:
    """Return when it is polled next: by the schedule, or by the sweeper."""
    course = polling.course(row)
    if row.state is WatchState.ENDED or course is None or polling.pause(row) is not None:
        return None
    by_schedule = next_poll(row, after=now, course=course)
    polls = [max(at, now) for at in (by_schedule, row.due_at) if at is not None]
    return min(polls, default=None)


def _shown(at: datetime | None) -> str:
    return "-" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
