"""What invokes functions: the queue, in batches and up to a limit at once, and the schedule."""

from collections.abc import Callable, Sequence

from couponbus.ports import Clock
from couponbus.usecases.intake import Message
from couponbus.usecases.sweep_due import SweepDue
from tests.simulation.functions import Function, Habits
from tests.simulation.ledger import SimulatedLedger
from tests.simulation.queue import SimulatedQueue
from tests.simulation.settings import LIMIT, end_of
from tests.simulation.world import Invocation, World

TICK = 60.0
LATE = 3.0

type Issue = Callable[[Sequence[Message], float], Sequence[str]]


class Poller:
    """Hands messages to the issuer and deletes those that it has done."""

    def __init__(
        self, world: World, queue: SimulatedQueue, habits: Habits, *, issuer: Function[Issue]
    ) -> None:
        self.active = 0
        self._world = world
        self._queue = queue
        self._habits = habits
        self._issuer = issuer
        self._planned = False

    def wake(self) -> None:
        """Poll soon, unless that is planned already."""
        if not self._planned:
            self._planned = True
            self._world.after(self._habits.window * self._world.weather.random(), self._poll)

    def _poll(self) -> None:
        self._planned = False
        if self.active >= self._habits.concurrency:
            return
        messages = self._queue.receive(self._habits.batch)
        if not messages:
            return
        self.active += 1
        failed: list[str] = []

        def work(issue: Issue) -> None:
            failed.extend(issue(messages, LIMIT))

        def ended(invocation: Invocation) -> None:
            self.active -= 1
            if not invocation.dead and invocation.error is None:
                done = [one.message_id for one in messages if one.message_id not in failed]
                self._queue.delete(done)
            self.wake()

        self._issuer.invoke(work, ended)
        self.wake()


class Schedule:
    """Sweeps once a minute; a tick may be missed or come twice."""

    def __init__(
        self, world: World, ledger: SimulatedLedger, clock: Clock, *, sweeper: Function[SweepDue]
    ) -> None:
        self._world = world
        self._ledger = ledger
        self._clock = clock
        self._sweeper = sweeper

    def tick(self) -> None:
        """Sweep now, and again in a minute."""
        self._world.after(TICK + LATE * self._world.weather.random(), self.tick)
        if not self._anything_due():
            return
        fault = self._world.chance("tick")
        for _ in range({"missed": 0, "twice": 2}.get(fault or "", 1)):
            self._sweeper.invoke(self._sweep, lambda _: None)

    def _sweep(self, sweeper: SweepDue) -> None:
        sweeper.handle(deadline=end_of(self._clock.now()))

    def _anything_due(self) -> bool:
        """A sweep with nothing to do changes nothing: it is left out of the run."""
        latest = self._world.moment(skew=LIMIT)
        return any(
            row.due_at is not None and row.due_at <= latest for row in self._ledger.rows.values()
        )
