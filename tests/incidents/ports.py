"""The ports of a stage that write to its queues, and providers that can fail."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from couponbus.domain.errors import QueueUnavailable
from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.provider import Provider
from couponbus.events.base import Command, PublishedEvent
from couponbus.events.commands import QuarantineLetter
from couponbus.ports.shared import Clock
from tests.fakes.pseudonyms import PlainPseudonyms
from tests.incidents.queues import Queue


@dataclass(slots=True, kw_only=True)
class QueuePort:
    """A queue as any of the ports that send to it."""

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
        self.queue.send(bodies, now=self.clock.now(), delays=delays)


def _body(command: Command | str) -> str:
    return command if isinstance(command, str) else command.model_dump_json(exclude_none=True)


@dataclass(slots=True, kw_only=True)
class StageBus:
    """The bus, and the queue of fan-out behind each publisher."""

    notifications: QueuePort
    events: list[PublishedEvent]

    def publish(self, events: Sequence[PublishedEvent]) -> Sequence[int]:
        self.events += events
        if events:
            envelopes = [
                {
                    "source": one.origin,
                    "detail-type": one.detail_type,
                    "detail": json.loads(one.model_dump_json()),
                }
                for one in events
            ]
            self.notifications.send([json.dumps(envelopes)])
        return []


class Keys:
    """An API key that never changes."""

    def api_key(self, secret_id: str) -> str:
        return f"test-key-not-real-{secret_id.rpartition('/')[2]}"

    def refresh(self, secret_id: str) -> None:
        """Read the same again."""


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


class Providers:
    """Uniqodo and Koupon: no customer has redeemed anything; `failure` is what a poll raises."""

    def __init__(self) -> None:
        self.failures: dict[Provider, Exception] = {}
        self.polls = 0

    def poll(
        self,
        *,
        provider: Provider,
        account: str,
        promotion: str | None,
        user_id: str,
        list_filter: ListFilter | None,
        deadline: datetime,
    ) -> Snapshot:
        self.polls += 1
        if provider in self.failures:
            raise self.failures[provider]
        return Snapshot(is_complete=True, uses=(), offer_id="4883")
