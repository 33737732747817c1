"""The queues of webhooks: one fed by the bus, and two on which each endpoint is a group."""

import json
from collections.abc import Callable, Sequence
from itertools import repeat

from couponbus.events.base import PublishedEvent
from couponbus.events.commands import AttemptDeliveries
from tests.simulation.ports import Outbox
from tests.simulation.queue import SimulatedQueue
from tests.simulation.webhooks.kinds import LATE, TWICE
from tests.simulation.world import World

LATEST = 900.0  # seconds that the bus may take when it retries


class SimulatedDeliveryQueue:
    """The port DeliveryQueue, sending to a queue; its own readers must not use it."""

    def __init__(
        self,
        world: World,
        queue: SimulatedQueue,
        *,
        reader: str,
        report_violation: Callable[[str], None],
    ) -> None:
        self.bodies: list[str] = []
        self._world = world
        self._queue = queue
        self._reader = reader
        self._report_violation = report_violation
        self._outbox = Outbox(world, name="deliveries.send", arrive=self._arrive)

    def send(self, commands: Sequence[AttemptDeliveries], *, delays: Sequence[int] = ()) -> None:
        if self._world.current().name == self._reader:
            self._report_violation(f"W6 {self._reader} sends to a queue that it reads from")
        if commands:
            kept_back = delays or repeat(0, len(commands))
            self._outbox.put(list(zip(commands, kept_back, strict=True)))

    def _arrive(self, sent: tuple[AttemptDeliveries, int]) -> None:
        command, delay = sent
        body = command.model_dump_json()
        self.bodies.append(body)
        self._queue.send(body, group=command.endpoint_id, after=delay)


class Rule:
    """The rule of the bus: passes events on at once, late, or twice; `arrived` is when first."""

    def __init__(self, world: World, queue: SimulatedQueue) -> None:
        self.arrived: dict[str, float] = {}
        self.first: dict[str, PublishedEvent] = {}
        self.under_way = 0
        self._world = world
        self._queue = queue

    def passed(self, event: PublishedEvent) -> None:
        """Take an event from the bus."""
        self.first.setdefault(event.metadata.id, event)
        fault = self._world.chance("rule.deliver")
        if fault != LATE:
            self._arrive(event)
        if fault in (LATE, TWICE):
            self.under_way += 1
            self._world.after(LATEST * self._world.weather.random(), lambda: self._later(event))

    def _later(self, event: PublishedEvent) -> None:
        self.under_way -= 1
        self._arrive(event)

    def _arrive(self, event: PublishedEvent) -> None:
        self.arrived.setdefault(event.metadata.id, self._world.now)
        self._queue.send(envelope(event, number=self._queue.sent))


def envelope(event: PublishedEvent, *, number: int) -> str:
    """Return an event as EventBridge puts it into a queue, with a new bus id each time."""
    return json.dumps(
        {
            "version": "0",
            "id": f"bus-{number}",
            "detail-type": event.detail_type,
            "source": event.origin,
            "account": "000000000000",
            "region": "eu-central-1",
            "resources": [],
            "detail": event.model_dump(mode="json"),
        }
    )
