"""Which traces a batch concerned, by outcome: the log line of a batch finds a customer's way."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from couponbus.domain.row import Row

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
    RECEIVED = "received"
    ISSUED = "issued"
    WATCHED = "watched"
    RECORDED = "recorded"
    PUBLISHED = "published"
    FANNED_OUT = "fanned_out"
    DELIVERED = "delivered"


# By names: a function imports no kinds of rows that it never has.
_OF_KINDS: Mapping[str, Traced] = {
    "REJECTION": Traced.REFUSED,
    "WATCH": Traced.WATCHED,
    "REDEMPTION": Traced.RECORDED,
    "NOTICE": Traced.RECORDED,
}
_OF_STATES: Mapping[object, Traced] = {
    "PENDING": Traced.POSTPONED,
    "REQUESTED": Traced.UNKNOWN,
    "ISSUED": Traced.ISSUED,
    "REJECTED": Traced.REFUSED,
    "AMBIGUOUS": Traced.AMBIGUOUS,
    "WAITING": Traced.POSTPONED,
    "REFUSED": Traced.REFUSED,
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
    found = getattr(row, "trace_id", None)
    return found if isinstance(found, str) else None


def _outcome_of(row: Row) -> Traced | None:
    kind = row.key.partition("#")[0]
    return _OF_KINDS.get(kind) or _OF_STATES.get(getattr(row, "state", None))
