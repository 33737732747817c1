"""One run of polling: a scenario under faults, then without, then the verdict."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from couponbus.domain.errors import RowsBroken, Unavailable
from couponbus.domain.polling.pause import Pause
from couponbus.domain.polling.snapshot import UNCLEAR
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from couponbus.events.base import Command
from couponbus.usecases.polling.schedule_polls import SchedulePolls
from tests.simulation.conditions import Conditions
from tests.simulation.course import run_through, silence
from tests.simulation.faults import Faults
from tests.simulation.functions import Function
from tests.simulation.ledger import SimulatedLedger
from tests.simulation.polling.cohorts import SimulatedCohorts
from tests.simulation.polling.due_polls import DuePollsWitness
from tests.simulation.polling.glitches import Glitches
from tests.simulation.polling.live import LiveSignUps
from tests.simulation.polling.process import PollingGround, paces
from tests.simulation.polling.providers import SimulatedRedemptions
from tests.simulation.polling.resuming import Operator
from tests.simulation.polling.scenario import REST, Scenario, key_of
from tests.simulation.polling.watches import Watches
from tests.simulation.polling.witness import PollWitness
from tests.simulation.ports import CommandQueue, QuarantineQueue, SimulatedBus
from tests.simulation.queue import SimulatedQueue
from tests.simulation.settings import TIMING, end_of
from tests.simulation.sources import Poller, Schedule, handled_by, sweeps
from tests.simulation.stream import Stream
from tests.simulation.world import World

RECOVERY = 20_000.0
AFTER_ALL = REST + 600.0  # seconds in which every watch was polled, and polled again


@dataclass(frozen=True, slots=True, kw_only=True)
class PollConditions(Conditions):
    """The schedule ticks each `every` seconds, and a poller calls in `threads` threads.

    Answers of providers take up to `late` seconds.
    """

    every: float
    late: float
    threads: int


class PollRun:
    """All parts of one run, wired together."""

    def __init__(
        self,
        scenario: Scenario,
        conditions: PollConditions,
        *,
        seed: int | str,
        faults: Faults,
    ) -> None:
        habits = conditions.habits
        self._unprovable = {key_of(one.place) for one in scenario.truths if not one.is_provable}
        world = self.world = World(seed=seed, faults=faults)
        world.now = scenario.begins
        self.scenario = scenario
        self.conditions = conditions
        self.ledger = SimulatedLedger(world, chunk=conditions.chunk, index_lag=conditions.index_lag)
        self.watches = Watches(self.ledger.rows)
        self.queue = SimulatedQueue(world, wake=self._wake)
        self.witness = PollWitness(world)
        bus = SimulatedBus(world)
        ground = self.ground = PollingGround(
            world=world,
            timing=TIMING,
            programs=scenario.programs,
            ledger=self.ledger,
            bus=bus,
            commands=CommandQueue(world, arrive=self._unexpected_command),
            polls=CommandQueue(world, arrive=self._asked_for),
            quarantine=QuarantineQueue(world),
            accounts=scenario.accounts,
            cohorts=SimulatedCohorts(world, self.ledger),
            redemptions=SimulatedRedemptions(
                world,
                scenario.truths,
                observer=self.witness,
                glitches=Glitches(world, is_suspected=self.watches.is_suspected),
                late=conditions.late,
                outages=scenario.outages,
            ),
            paces=paces(world, scenario.accounts),
            threads=conditions.threads,
        )
        self.poller = Poller(
            world,
            self.queue,
            habits,
            issuer=Function(
                world,
                self.witness,
                habits,
                name="poll",
                build=lambda: handled_by(ground.poller(), ground.base.clock),
            ),
        )
        scheduler = Function(
            world,
            self.witness,
            habits,
            name="schedule",
            build=ground.scheduler,
            may_raise=(Unavailable, RowsBroken),
        )
        self._live = LiveSignUps(ground, self.witness, habits, messages=scenario.live)
        self._sweeps = sweeps(
            world, self.ledger, ground.base.clock, sweeper=ground.sweeping(habits, self.witness)
        )
        self._schedule = Schedule(
            world,
            scheduler,
            work=self._plan,
            # A tick without watches changes nothing: it is left out of the run.
            is_needed=lambda: bool(self.watches.active()),
            every=conditions.every,
        )
        self.due_polls = DuePollsWitness(
            self.ledger.rows, report_violation=self.witness.report_violation
        )
        self.ledger.watchers += [
            self.witness.changed,
            self.due_polls.changed,
            Stream(world, habits, publisher=ground.publishing(habits, self.witness)).changed,
            Operator(ground).changed,
        ]
        bus.watchers.append(self.witness.published)

    def go(self) -> None:
        """Run with faults for a while, then until all is at rest."""
        begins = self.scenario.begins
        for at, body in self.scenario.messages:
            self.world.at(at, partial(self._sent, body))
        self._live.begin()
        self.world.at(begins + 1.0, self._sweeps.tick)
        self.world.at(begins + 2.0, self._schedule.tick)
        if not run_through(
            self.world,
            chaos=begins + self.conditions.chaos,
            recovery=RECOVERY,
            calm=self._calm,
            is_quiet=self._is_quiet,
        ):
            self.witness.report_violation("P5 it never comes to rest")

    def stays_unclear(self, watch: Watch) -> bool:
        """Whether it lacks something of which no total can prove that it has gone.

        One that a sign-up has prolonged only waits for the poll that renews its cohort.
        """
        is_unclear = watch.digest in ("", UNCLEAR) and watch.renewed_at is None
        return watch.key in self._unprovable and is_unclear

    def linger(self, seconds: float) -> None:
        """Let time pass."""
        with silence():
            self.world.run(until=self.world.now + seconds)

    def _wake(self) -> None:
        self.poller.wake()

    def _sent(self, body: str) -> None:
        self.queue.send(body)

    def _asked_for(self, command: Command) -> None:
        self.due_polls.sent(command)
        self._sent(command.model_dump_json())

    def _unexpected_command(self, command: Command) -> None:
        self.witness.report_violation(f"P5 a {type(command).__name__} for another queue")

    def _plan(self, process: SchedulePolls) -> None:
        process.handle(deadline=end_of(self.ground.base.clock.now()))

    def _calm(self) -> None:
        self.world.faults.stop()
        self.world.note("calm", f"{self.queue.redrive()} redriven")

    def _is_quiet(self) -> bool:
        """Whether every event could be seen by two polls of every watch."""
        now = self.world.moment()
        active = {watch.key for watch in self.watches.active()}
        return (
            self.world.now > self.scenario.last_event + AFTER_ALL
            and not self._live.waiting
            and not self.queue.messages
            and self.poller.active == 0
            and self.watches.are_settled(now, stays_unclear=self.stays_unclear)
            and not any(key_of(one) in active for one in self.witness.in_doubt)
            and not any(
                row.unpublished or (row.due_at and row.due_at <= now) or _is_pausing(row, now)
                for row in self.ledger.rows.values()
            )
        )


def _is_pausing(row: Row, now: datetime) -> bool:
    """Whether an account is paused, or was so recently that some watches were not polled since."""
    if not isinstance(row, Pause) or not row.trail:
        return False
    is_paused = row.reason is not None or bool(row.promotions)
    return is_paused or now - row.trail[-1].at < timedelta(seconds=AFTER_ALL)
