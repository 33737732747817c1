"""The ports of a stage that write to its queues, and a bug of ours."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import batched

from couponbus.aws.batches import ENTRIES_PER_CALL
from couponbus.domain.errors import BusUnavailable, QueueUnavailable
from couponbus.events.base import Command, PublishedEvent
from couponbus.events.commands import QuarantineLetter
from couponbus.ports.shared import Clock
from tests.fakes.event_bus import MemoryBus
from tests.fakes.pseudonyms import PlainPseudonyms
from tests.incidents.queues import Queue


@dataclass(slots=True, kw_only=True)
class QueuePort:
    """A queue as any of the ports that send to it.

    What is sent is there from the first second of its minute, when all functions of it begin.
    """

    queue: Queue
    clock: Clock
    is_refused: bool = False

    def send(self, commands: Sequence[Command | str], *, delays: Sequence[int] = ()) -> None:
        self._send([_body(one) for one in commands], delays=delays)

    def put(self, records: Sequence[QuarantineLetter]) -> None:
        self._send([one.model_dump_json() for one in records])

    def keep(self, bodies: Sequence[str]) -> None:
        self._send(bodies)

    def _send(self, bodies: Sequence[str], *, delays: Sequence[int] = ()) -> None:
        if self.is_refused:
            raise QueueUnavailable("send_message_batch: AccessDenied")
        self.queue.send(
            bodies, now=self.clock.now().replace(second=0, microsecond=0), delays=delays
        )


def _body(command: Command | str) -> str:
    return command if isinstance(command, str) else command.model_dump_json(exclude_none=True)


class StageBus(MemoryBus):
    """The bus, and the queue of fan-out behind each publisher.

    `caller` names the function that runs; those in `denied` may not put events, and what is about
    the sign-ups in `refuses` is refused.
    """

    def __init__(self, notifications: QueuePort, *, caller: Callable[[], str]) -> None:
        super().__init__()
        self._notifications = notifications
        self._caller = caller
        self.is_down = False
        self.denied: set[str] = set()
        self.refuses: set[str] = set()

    def publish(self, events: Sequence[PublishedEvent]) -> Sequence[int]:
        if self.is_down or self._caller() in self.denied:
            raise BusUnavailable("a text of no log", code="put_events:planted")
        self.will([index for index, one in enumerate(events) if self._is_refused(one)])
        refused = super().publish(events)
        taken = [one for index, one in enumerate(events) if index not in refused]
        messages = batched(map(_envelope, taken), ENTRIES_PER_CALL, strict=False)
        try:
            self._notifications.send([json.dumps(each) for each in messages])
        except QueueUnavailable:
            return range(len(events))
        return refused

    def _is_refused(self, event: PublishedEvent) -> bool:
        data = getattr(event, "data", None)
        return str(getattr(data, "signup_id", "")) in self.refuses


def _envelope(event: PublishedEvent) -> dict[str, object]:
    return {
        "source": event.origin,
        "detail-type": event.detail_type,
        "detail": json.loads(event.model_dump_json()),
    }


class Pseudonyms(PlainPseudonyms):
    """With a bug of ours: it raises for the customers in `stumbles_over`, or for all."""

    def __init__(self) -> None:
        super().__init__()
        self.stumbles_over: set[str] = set()
        self.stumbles_always = False

    def of(self, *, tenant: str, customer: str) -> str:
        if self.stumbles_always or customer in self.stumbles_over:
            raise KeyError("planted")
        return super().of(tenant=tenant, customer=customer)
