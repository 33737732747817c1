"""Since when undecided rows wait: by the customer's clock, not since they were last put off."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.look_up_results import failing_since
from couponbus.domain.issuing.reopening import open_since
from couponbus.domain.issuing.resolution import Resolution, ResolutionState
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row, Rows
from couponbus_cli.status.figures import Waiting


def waiting_in(rows: Rows) -> Waiting:
    """Return since when the undecided ones of these rows wait, and for which look-ups."""
    undecided = [row for row in rows.values() if _is_undecided(row)]
    return Waiting(
        since=_by_id((row, open_since(row)) for row in undecided if isinstance(row, Issuance)),
        unproven=_by_id((row, _unproven_since(row)) for row in undecided),
        failing=_by_id((row, failing_since(row)) for row in undecided),
        first_polls=_by_id(
            (row, row.started_at) for row in rows.of(Watch) if row.is_first_of_sign_up
        ),
        broken=sorted(rows.broken),
    )


def _is_undecided(row: Row) -> bool:
    match row:
        case Issuance():
            return not row.is_final
        case Resolution(state=state):
            return state is ResolutionState.WAITING
        case _:
            return False


def _unproven_since(row: Row) -> datetime | None:
    return row.unproven_since if isinstance(row, Issuance | Resolution) else None


def _by_id(moments: Iterable[tuple[Row, datetime | None]]) -> Mapping[str, datetime]:
    found = {row.key.partition("#")[2]: at for row, at in moments if at is not None}
    return dict(sorted(found.items()))
