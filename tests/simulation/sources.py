"""Event sources of functions: the queue, in batches up to a concurrency, and the schedule."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from couponbus.domain.outbox.backlog import TO_AUDIT, backlog_of
from couponbus.ports.shared import Clock
from couponbus.usecases.messages import Message
from couponbus.usecases.outbox.sweep_due import SweepDue
from tests.simulation.functions import Function, Habits
from tests.simulation.ledger import SimulatedLedger
from tests.simulation.queue import SimulatedQueue
from tests.simulation.settings import LIMIT, end_of
from tests.simulation.world import Invocation, World

TICK = 60.0
LATE = 3.0

type Issue = Callable[[Sequence[Message], float], Sequence[str]]


class BugError(Exception):
    """The code under test met an unexpected error; the text has the types."""


class BatchResult(Protocol):
    """Which messages must be redelivered, and which unexpected errors occurred."""

    @property
    def failed(self) -> Sequence[str]: ...
    @property
    def bugs(self) -> Sequence[str]: ...


class BatchHandler(Protocol):
    """A use case that takes messages in batches."""

    def handle(self, messages: Sequence[Message], *, deadline: datetime) -> BatchResult: ...


def handled_by(use_case: BatchHandler, clock: Clock) -> Issue:
    """Return the use case, called as the handler calls it."""

    def issue(messages: Sequence[Message], limit: float) -> Sequence[str]:
        report = use_case.handle(messages, deadline=clock.now() + timedelta(seconds=limit))
        if report.bugs:
            raise BugError(", ".join(report.bugs))
        return report.failed

    return issue


class Poller:
    """Hands messages to the issuer and deletes the finished ones."""

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


class Schedule[P]:
    """Runs work once a minute, where it is needed; a tick may be missed or come twice."""

    def __init__(
        self,
        world: World,
        function: Function[P],
        *,
        work: Callable[[P], object],
        is_needed: Callable[[], bool],
        every: float = TICK,
    ) -> None:
        self._world = world
        self._function = function
        self._work = work
        self._is_needed = is_needed
        self._every = every

    def tick(self) -> None:
        """Run it now, and again in a minute."""
        self._world.after(self._every + LATE * self._world.weather.random(), self.tick)
        if not self._is_needed():
            return
        fault = self._world.chance("tick")
        for _ in range({"missed": 0, "twice": 2}.get(fault or "", 1)):
            self._function.invoke(self._do, lambda _: None)

    def _do(self, process: P) -> None:
        self._work(process)


def sweeps(
    world: World, ledger: SimulatedLedger, clock: Clock, *, sweeper: Function[SweepDue]
) -> Schedule[SweepDue]:
    """Return the sweeper's schedule; a sweep with nothing to do is left out of the run."""

    def is_anything_due() -> bool:
        latest = world.moment(skew=LIMIT)
        return any(
            row.due_at is not None and row.due_at <= latest and backlog_of(row) != TO_AUDIT
            for row in ledger.rows.values()
        )

    def sweep(process: SweepDue) -> None:
        process.handle(deadline=end_of(clock.now()))

    return Schedule(world, sweeper, work=sweep, is_needed=is_anything_due)
