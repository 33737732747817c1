"""The sweeper's schedule for days of simulated time: only the minutes with due rows run."""

import heapq

from couponbus.domain.webhooks.delivery import Delivery
from couponbus.ports.shared import Clock
from couponbus.usecases.outbox.sweep_due import SweepDue
from tests.simulation.functions import Function
from tests.simulation.ledger import Change, SimulatedLedger
from tests.simulation.settings import end_of
from tests.simulation.sources import LATE, TICK
from tests.simulation.world import BEGIN, World

MISSED, TWICE = "missed", "twice"


class SweepsWhenDue:
    """Each minute has one tick; one that would find nothing due is left out of the run."""

    def __init__(
        self, world: World, ledger: SimulatedLedger, clock: Clock, *, sweeper: Function[SweepDue]
    ) -> None:
        self._world = world
        self._ledger = ledger
        self._clock = clock
        self._sweeper = sweeper
        self._due: list[tuple[float, str]] = []
        self._next: float | None = None

    def changed(self, change: Change) -> None:
        """Record when a row is due."""
        due_at = change.row.due_at
        is_parked = isinstance(change.row, Delivery) and change.row.parked
        if due_at is not None and not is_parked:
            heapq.heappush(self._due, ((due_at - BEGIN).total_seconds(), change.row.key))
            self._plan()

    def _plan(self) -> None:
        """Schedule the first tick with something due, unless an earlier one is scheduled."""
        earliest = self._earliest()
        if earliest is None:
            return
        minute = max(earliest, self._world.now) // TICK + 1
        at = minute * TICK + LATE * self._world.weather.random()
        if self._next is None or at < self._next - LATE:
            self._next = at
            self._world.at(at, lambda: self._tick(at))

    def _earliest(self) -> float | None:
        while self._due:
            at, key = self._due[0]
            row = self._ledger.rows[key]
            due_at = None if isinstance(row, Delivery) and row.parked else row.due_at
            if due_at is not None and (due_at - BEGIN).total_seconds() == at:
                return at
            heapq.heappop(self._due)
        return None

    def _tick(self, planned: float) -> None:
        if planned != self._next:
            return  # an earlier one came in between
        self._next = None
        earliest = self._earliest()
        if earliest is not None and earliest <= self._world.now:
            fault = self._world.chance("tick")
            for _ in range({MISSED: 0, TWICE: 2}.get(fault or "", 1)):
                self._sweeper.invoke(self._sweep, lambda _: None)
        self._plan()

    def _sweep(self, process: SweepDue) -> None:
        process.handle(deadline=end_of(self._clock.now()))
