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
        self._rows: dict[str, Row] = {}
        self._others: dict[tuple[Traced, str], str] = {}

    def note(self, rows: Iterable[Row]) -> None:
        """Note the outcome that the state of each row is."""
        self._rows.update((row.key, row) for row in rows)

    def add(self, what: Traced, trace_id: str | None, *, key: str = "") -> None:
        """Note an outcome that no state of a row shows; `key` is of a row of the trace, if any."""
        if trace_id is not None:
            self._others[what, trace_id] = key

    def join(self, new: Row, old: Row) -> None:
        """Note a later sign-up of a customer: its trace, and that of what it leads to."""
        for row in (new, old):
            self.add(Traced.DUPLICATE, trace_of(row), key=row.key)

    def merge(self, other: "Traces") -> None:
        """Add what another has noted."""
        self._rows |= other._rows
        self._others |= other._others

    def by_outcome(self) -> ByOutcome:
        """Return the trace ids, each once for an outcome, with the key of one of its rows."""
        found: dict[Traced, dict[str, str]] = {what: {} for what in Traced}
        for (what, trace_id), key in self._others.items():
            found[what][trace_id] = key
        for key, row in self._rows.items():
            trace, outcome = trace_of(row), _outcome_of(row, kind=key.partition("#")[0])
            if trace is not None and outcome is not None:
                found[outcome][trace] = key
        return {what: keys for what, keys in found.items() if keys}


def trace_of(row: Row) -> str | None:
    """Return the trace of a row; None if it has none, or concerns no customer."""
    found = getattr(row, "trace_id", None)
    return found if isinstance(found, str) else None


def _outcome_of(row: Row, *, kind: str) -> Traced | None:
    return _OF_KINDS.get(kind) or _OF_STATES.get(getattr(row, "state", None))
