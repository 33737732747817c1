"""Cohorts in simulated time: counts that may be wrong, and an index that lags behind the rows."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.polling.cohort import Cohort, CohortSizes, Member, Span
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from tests.fakes.cohorts import MemoryCohorts
from tests.fakes.ledger import MemoryLedger
from tests.simulation.faults import ERROR, LOST, PARTLY, UNANSWERED
from tests.simulation.ledger import SimulatedLedger
from tests.simulation.world import World


class SimulatedCohorts:
    """The port Cohorts; a query that finds no watch is left out of the run."""

    def __init__(self, world: World, ledger: SimulatedLedger) -> None:
        self._world = world
        self._ledger = ledger
        self._index = MemoryLedger()
        self._keys: dict[str, tuple[Row, set[str]]] = {}
        self.memory = MemoryCohorts(self._index)

    def enter(self, arrivals: Mapping[Cohort, int]) -> None:
        if not arrivals:
            return
        fault = self._world.call("cohorts.enter")
        if fault == LOST:
            raise LedgerUnavailable("update_item: ThrottlingException")
        half = len(arrivals) // 2 if fault == PARTLY else len(arrivals)
        self.memory.enter(dict(islice(_sorted(arrivals), half)))
        self._world.answer(fault)
        if fault in (PARTLY, UNANSWERED):
            raise LedgerUnavailable("update_item: ReadTimeoutError")

    def leave(self, departures: Mapping[Cohort, int]) -> None:
        if not departures:
            return
        fault = self._world.call("cohorts.leave")
        if fault != LOST:
            self.memory.leave(departures)
        self._world.answer(fault)

    def sizes(self) -> CohortSizes:
        if self._world.call("cohorts.sizes") == ERROR:
            raise LedgerUnavailable("query: ThrottlingException")
        return self.memory.sizes()

    def members(self, span: Span) -> Sequence[Member]:
        self._index.rows = {row.key: row for row in self._of(span.cohort_key)}
        found = self.memory.members(span) if self._index.rows else ()
        if not found:
            return ()
        if self._world.call("cohorts.members") == ERROR:
            raise LedgerUnavailable("query: ThrottlingException")
        return found

    def _of(self, cohort_key: str) -> Iterator[Row]:
        """Yield the watches that the index shows for a cohort."""
        for key in self._ledger.rows:
            row = self._ledger.indexed(key) if key.startswith("WATCH#") else None
            if isinstance(row, Watch) and cohort_key in self._cohort_keys(row):
                yield row

    def _cohort_keys(self, row: Watch) -> set[str]:
        known = self._keys.get(row.key)
        if known is None or known[0] is not row:
            cohorts = (row.age_cohort, row.end_cohort)
            known = (row, {cohort.key for cohort in cohorts if cohort is not None})
            self._keys[row.key] = known
        return known[1]


def _sorted(counts: Mapping[Cohort, int]) -> list[tuple[Cohort, int]]:
    """Return the counts in an order that does not depend on hashes."""
    return sorted(counts.items(), key=lambda each: each[0].key)
