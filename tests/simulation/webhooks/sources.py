"""Events of a run at their time: stored as decided rows, or put on the bus as they are."""

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.identity import event_id
from tests.simulation.settings import LIMIT
from tests.simulation.webhooks.event_builders import decided, rejection
from tests.simulation.webhooks.process import WebhookGround
from tests.simulation.webhooks.scenario import Kind, PlannedEvent
from tests.simulation.webhooks.witness import WebhookWitness
from tests.simulation.world import Invocation

AGAIN = 5.0


class Sources:
    """`to_come` events are left; `numbers` are full barcodes, by the event about them."""

    def __init__(self, ground: WebhookGround, *, numbers: dict[str, str]) -> None:
        self.to_come = 0
        self._ground = ground
        self._numbers = numbers

    def expect(self, planned: PlannedEvent, witness: WebhookWitness) -> None:
        """Schedule an event."""
        self.to_come += 1
        publish = self._publish if planned.kind is Kind.REJECTED else self._decide
        self._ground.world.at(planned.at, lambda: publish(planned, witness))

    def _decide(self, planned: PlannedEvent, witness: WebhookWitness) -> None:
        """Store the row, and repeat that until it is stored."""
        world, store = self._ground.world, self._ground.base.store
        row = decided(planned, now=world.moment())
        if planned.kind is Kind.ISSUED:
            identity = event_id(entity=row.key, detail_type=planned.kind.value, version=1)
            self._numbers[identity] = planned.barcode

        def work() -> None:
            if store.read([row.key]):
                return
            if not store.put(row):
                raise LedgerUnavailable("another worker issues here")

        def ended(invocation: Invocation) -> None:
            if invocation.dead or invocation.error is not None:
                world.after(AGAIN, lambda: self._decide(planned, witness))
            else:
                self.to_come -= 1

        world.start(name="issue", work=work, skew=0.0, lasts=LIMIT, ended=ended)

    def _publish(self, planned: PlannedEvent, witness: WebhookWitness) -> None:
        self.to_come -= 1
        event = rejection(planned, now=self._ground.world.moment())
        witness.decided[event.metadata.id] = (f"REJECTION#{planned.number}", 1)
        self._ground.bus.arrive(event)
