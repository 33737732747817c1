"""One invocation: when it ends, what it counted, and what it could not get into the ledger."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from couponbus.domain.provider import Provider
from couponbus.domain.row import Row
from couponbus.usecases.metrics import Metric
from couponbus.usecases.store import Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """Which messages must come again, what was counted, and the types of our own mistakes.

    `broken` has the keys of what this version can neither read nor store: an operator must look.
    """

    failed: Sequence[str]
    metrics: Mapping[Metric, int]
    bugs: Sequence[str] = ()
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """Handed to every step of an invocation; the steps count and report into it.

    `unreached` has the accounts, by provider, for whose looks no time was left at all.
    """

    deadline: datetime
    metrics: Counter[Metric] = field(default_factory=Counter)
    unsaved: set[str] = field(default_factory=set)
    bugs: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    unreached: set[tuple[Provider, str]] = field(default_factory=set)

    def count(self, what: Metric, number: int = 1) -> None:
        """Count so many more."""
        if number:
            self.metrics[what] += number

    def mark_unsaved(self, rows: Iterable[Row]) -> None:
        """Note that these may not be in the ledger; those that were before still are."""
        self.unsaved.update(row.key for row in rows if row.revision == 0)

    def left_out(self, rows: Iterable[Row], *, by: Stored) -> None:
        """Note which of the rows a write has not stored, and what is broken."""
        self.broken.update(by.broken)
        self.mark_unsaved(by.unstored_of(rows))

    def report(self, *, failed: Sequence[str]) -> BatchResult:
        """Return what came of a batch of messages."""
        return BatchResult(
            failed=failed,
            metrics=self.metrics,
            bugs=self.bugs,
            broken=frozenset(self.broken),
        )
