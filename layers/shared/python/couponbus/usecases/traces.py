"""Which traces a batch concerned, by outcome: the log line of a batch finds a customer's way."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.issuing.resolution import Resolution, ResolutionState
from couponbus.domain.polling.notice import Notice
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row

_TRACED_ROWS = (Issuance, Resolution, Rejection, Watch, RecordedRedemption, Notice)


type ByOutcome = Mapping["Traced", Mapping[str, str]]


class Traced(StrEnum):
    """The outcome of a trace in a batch; of too many, those named first here are logged."""

    FAILED = "failed"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    UNMATCHED = "unmatched"
    DUPLICATE = "duplicate"
    POSTPONED = "postponed"
    ISSUED = "issued"
    WATCHED = "watched"
    RECORDED = "recorded"
    PUBLISHED = "published"
    FANNED_OUT = "fanned_out"
    DELIVERED = "delivered"


_OF_STATES: Mapping[str, Traced] = {
    IssuanceState.PENDING: Traced.POSTPONED,
    IssuanceState.REQUESTED: Traced.UNKNOWN,
    IssuanceState.ISSUED: Traced.ISSUED,
    IssuanceState.REJECTED: Traced.REFUSED,
    IssuanceState.AMBIGUOUS: Traced.AMBIGUOUS,
    ResolutionState.WAITING: Traced.POSTPONED,
    ResolutionState.REFUSED: Traced.REFUSED,
}


class Traces:
    """Of a row that changed several times in a batch the last outcome counts."""

    def __init__(self) -> None:
        """Begin without any."""
        self._of_rows: dict[str, tuple[Traced, str]] = {}
        self._others: dict[tuple[Traced, str], str] = {}

    def note(self, rows: Iterable[Row]) -> None:
        """Note the outcome that the state of each row is."""
        for row in rows:
            trace_id, what = trace_of(row), _outcome_of(row)
            if trace_id is not None and what is not None:
                self._of_rows[row.key] = what, trace_id
            else:
                self._of_rows.pop(row.key, None)

    def add(self, what: Traced, trace_id: str | None, *, key: str = "") -> None:
        """Note an outcome that no state of a row shows; `key` is of a row of the trace, if any."""
        if trace_id is not None:
            self._others[what, trace_id] = key

    def merge(self, other: "Traces") -> None:
        """Add what another has noted."""
        self._of_rows |= other._of_rows
        self._others |= other._others

    def by_outcome(self) -> ByOutcome:
        """Return the trace ids, each once for an outcome, with the key of one of its rows."""
        found: dict[Traced, dict[str, str]] = {what: {} for what in Traced}
        for (what, trace_id), key in self._others.items():
            found[what][trace_id] = key
        for key, (what, trace_id) in self._of_rows.items():
            found[what][trace_id] = key
        return {what: keys for what, keys in found.items() if keys}


def trace_of(row: Row) -> str | None:
    """Return the trace of a row; None if it has none, or concerns no customer."""
    return row.trace_id if isinstance(row, _TRACED_ROWS) else None


def _outcome_of(row: Row) -> Traced | None:
    match row:
        case Issuance() | Resolution():
            return _OF_STATES.get(row.state)
        case Rejection():
            return Traced.REFUSED
        case Watch():
            return Traced.WATCHED
        case RecordedRedemption() | Notice():
            return Traced.RECORDED
        case _:
            return None
