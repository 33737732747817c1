"""One run of webhooks: a scenario under faults, then without, until all is at rest."""

from functools import partial

from couponbus.domain.webhooks.delivery import Delivery, DeliveryState
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState, endpoint_key
from couponbus.events.base import Command
from couponbus.ports.webhooks import DeliveryQueue
from tests.simulation.conditions import Conditions
from tests.simulation.course import run_through, silence
from tests.simulation.faults import Faults
from tests.simulation.functions import Function
from tests.simulation.ledger import SimulatedLedger
from tests.simulation.ports import CommandQueue, QuarantineQueue, SimulatedBus
from tests.simulation.queue import SimulatedQueue
from tests.simulation.settings import TIMING
from tests.simulation.sources import Issue, Poller, handled_by
from tests.simulation.stream import Stream
from tests.simulation.webhooks.behaviours import DAY
from tests.simulation.webhooks.bodies import BodyWitness
from tests.simulation.webhooks.delivery_queues import Rule, SimulatedDeliveryQueue
from tests.simulation.webhooks.fair_queue import FairQueue
from tests.simulation.webhooks.operators import Operators
from tests.simulation.webhooks.ports import SharedPaces
from tests.simulation.webhooks.process import WebhookGround
from tests.simulation.webhooks.receivers import Receivers
from tests.simulation.webhooks.resending import Resenders
from tests.simulation.webhooks.scenario import Scenario
from tests.simulation.webhooks.sources import Sources
from tests.simulation.webhooks.sweeping import SweepsWhenDue
from tests.simulation.webhooks.vault import Vault
from tests.simulation.webhooks.witness import WebhookWitness
from tests.simulation.world import World

YEAR = 365 * DAY
REST = 8 * DAY  # after the last event: longer than any schedule with all that can delay it
STEP = 1800.0


class WebhookRun:
    """All parts of one run, wired together."""

    def __init__(
        self, scenario: Scenario, conditions: Conditions, *, seed: int | str, faults: Faults
    ) -> None:
        habits = conditions.habits
        world = self.world = World(seed=seed, faults=faults)
        self.scenario = scenario
        self.conditions = conditions
        self.ledger = SimulatedLedger(world, chunk=conditions.chunk, index_lag=conditions.index_lag)
        self.vault = Vault(world)
        self.pollers: list[Poller] = []
        self.notifications = SimulatedQueue(world, wake=partial(self._wake, 0))
        self.deliveries = FairQueue(world, wake=partial(self._wake, 1))
        self.redeliveries = FairQueue(world, wake=partial(self._wake, 2))
        self.rule = Rule(world, self.notifications)
        self.numbers: dict[str, str] = {}
        bodies = BodyWitness(world, self.vault, first=self.rule.first, numbers=self.numbers)
        witness = self.witness = WebhookWitness(world, scenario.subscribers, bodies=bodies)
        self.bus = SimulatedBus(world)
        self.delivery_queues = [
            SimulatedDeliveryQueue(
                world, queue, reader="deliver", report_violation=witness.report_violation
            )
            for queue in (self.deliveries, self.redeliveries)
        ]
        ground = self.ground = WebhookGround(
            world=world,
            timing=TIMING,
            programs=(),
            ledger=self.ledger,
            bus=self.bus,
            commands=CommandQueue(world, arrive=self._unexpected_command),
            polls=CommandQueue(world, arrive=self._unexpected_command),
            quarantine=QuarantineQueue(world),
            deliveries=self.first_attempt_queue,
            redeliveries=self.retry_queue,
            receivers=Receivers(world, scenario.subscribers, observer=witness),
            vault=self.vault,
            paces=SharedPaces(world),
        )
        fan_out: Function[Issue] = Function(
            world,
            witness,
            habits,
            name="fan out",
            build=lambda: handled_by(ground.fan_out(), ground.base.clock),
        )
        deliver: Function[Issue] = Function(
            world,
            witness,
            habits,
            name="deliver",
            build=lambda: handled_by(ground.sender(), ground.base.clock),
        )
        self.pollers += [
            Poller(world, queue, habits, issuer=function)
            for queue, function in (
                (self.notifications, fan_out),
                (self.deliveries, deliver),
                (self.redeliveries, deliver),
            )
        ]
        self.sweeps = SweepsWhenDue(
            world, self.ledger, ground.base.clock, sweeper=ground.sweeping(habits, witness)
        )
        self.ledger.watchers += [
            witness.changed,
            self.sweeps.changed,
            Stream(world, habits, publisher=ground.publishing(habits, witness)).changed,
        ]
        self.bus.watchers += [witness.published, self.rule.passed]
        self.operators = Operators(ground, scenario.subscribers)
        self.ledger.watchers.append(self.operators.changed)
        self.ledger.readers.append(witness.read)
        self.resenders = Resenders(ground, self.operators)
        self.sources = Sources(ground, numbers=self.numbers)

    @property
    def first_attempt_queue(self) -> DeliveryQueue:
        return self.delivery_queues[0]

    @property
    def retry_queue(self) -> DeliveryQueue:
        return self.delivery_queues[1]

    @property
    def queues(self) -> list[SimulatedQueue]:
        return [self.notifications, self.deliveries, self.redeliveries]

    def go(self) -> None:
        """Run with faults for a while, then until all is at rest."""
        self._begin()
        run_through(
            self.world,
            chaos=self.conditions.chaos,
            recovery=YEAR,
            calm=self._calm,
            is_quiet=self._is_over,
            step=STEP,
        )
        if not self.witness.violations and not self._is_quiet():
            self.witness.report_violation("W1 it never comes to rest")

    def go_until(self, end: float) -> None:
        """Run until `end`, and stop there."""
        self._begin()
        with silence():
            self.world.run(until=end)

    def _begin(self) -> None:
        """Schedule all input from outside."""
        for task in self.scenario.tasks:
            self.operators.expect(task)
        for event in self.scenario.events:
            self.sources.expect(event, self.witness)
        self.resenders.expect(self.scenario.resendings)
        for at, body in self.scenario.garbage:
            self.world.at(at, partial(self.notifications.send, body))

    def endpoint(self, endpoint_id: str) -> Endpoint | None:
        row = self.ledger.rows.get(endpoint_key(endpoint_id))
        return row if isinstance(row, Endpoint) else None

    def delivery_rows(self) -> list[Delivery]:
        return [row for row in self.ledger.rows.values() if isinstance(row, Delivery)]

    def waits_paused(self, row: Delivery) -> bool:
        """Whether it rightly waits for its endpoint to be resumed."""
        endpoint = self.endpoint(row.endpoint_id)
        is_paused = endpoint is not None and endpoint.state is EndpointState.PAUSED
        return row.state is DeliveryState.PENDING and is_paused

    def _wake(self, number: int) -> None:
        self.pollers[number].wake()

    def _unexpected_command(self, command: Command) -> None:
        self.witness.report_violation(f"W1 a {type(command).__name__} for another queue")

    def _calm(self) -> None:
        self.world.faults.stop()
        redriven = sum(queue.redrive() for queue in self.queues)
        self.world.note("calm", f"{redriven} redriven")

    def _is_over(self) -> bool:
        """Whether the run is at rest, or a violation is certain."""
        standings = self.witness.standings.values()
        news = [
            self.scenario.last_event,
            self.conditions.chaos,
            *(one[-1].at for one in standings),
            *self.rule.arrived.values(),
        ]
        is_late = self.world.now > max(news) + REST
        return is_late or bool(self.witness.violations) or self._is_quiet()

    def _is_quiet(self) -> bool:
        """Whether no event is to come, no work is under way, and what waits needs an operator."""
        return (
            self.world.now > self.scenario.last_event
            and self.sources.to_come == self.operators.at_work == self.rule.under_way == 0
            and not any(queue.messages for queue in self.queues)
            and not any(poller.active for poller in self.pollers)
            and not any(row.unpublished for row in self.ledger.rows.values())
            and all(
                row.state is not DeliveryState.PENDING or self.waits_paused(row)
                for row in self.delivery_rows()
            )
        )
