"""Reports at once what must never happen in a run of sending (docs/reliability.md#invariants)."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from couponbus.domain.webhooks.delivery import Delivery, DeliveryState, delivery_id_of, delivery_key
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState, endpoint_key
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.domain.webhooks.history_page import HistoryPage, events_in
from couponbus.domain.webhooks.retry_schedule import message_id_of
from tests.simulation.ledger import Change
from tests.simulation.publishing import PublishingWitness
from tests.simulation.webhooks.bodies import BodyWitness
from tests.simulation.webhooks.claims import Claims
from tests.simulation.webhooks.requests import Request
from tests.simulation.webhooks.scenario import Subscriber
from tests.simulation.world import World

OPEN = (EndpointState.ACTIVE, EndpointState.PAUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The state of an endpoint from a time on."""

    at: float
    state: EndpointState
    reason: str | None


class WebhookWitness(PublishingWitness):
    """Keeps every request, every state of an endpoint, and what began a round of a delivery."""

    never_early: ClassVar[str] = "W7"
    one_content: ClassVar[str] = "W7"
    liveness: ClassVar[str] = "W1"

    def __init__(
        self, world: World, subscribers: Sequence[Subscriber], *, bodies: BodyWitness
    ) -> None:
        super().__init__(world)
        self.requests: list[Request] = []
        self.standings: dict[str, list[Standing]] = defaultdict(list)
        self.remembered: dict[str, Change] = {}
        self.begun: dict[tuple[str, str], list[Change]] = defaultdict(list)
        self.changes: dict[str, list[Change]] = defaultdict(list)
        self.claims = Claims(self.report_violation)
        self._bodies = bodies
        self._read_at: dict[tuple[int, str], float] = {}
        self._subscribers = {one.url: one for one in subscribers}

    def read(self, keys: Sequence[str]) -> None:
        """Note what an invocation reads, and when it does so last."""
        by = self._world.current().serial
        self._read_at.update(((by, key), self._world.now) for key in keys)

    def _was_untried(self, key: str, at: float) -> bool:
        """Whether no attempt was stored then: a worker that read it may make a first one."""
        rows = [one.row for one in self.changes[key] if one.at <= at]
        return bool(rows) and isinstance(rows[-1], Delivery) and rows[-1].is_untried

    def changed(self, change: Change) -> None:
        row, before = change.row, change.before
        self._stepped(row, before)
        if row.outcomes > (0 if before is None else before.outcomes):
            self._decided(row, _detail_type(row))
        if isinstance(row, Endpoint):
            self._stands(change, row)
        if isinstance(row, EventRecord | HistoryPage):
            if before is not None:
                self.report_violation(f"W2 {row.key}: written again")
            for event in events_in([row]):
                self.remembered.setdefault(event.event_id, change)
        if isinstance(row, Delivery):
            older = before if isinstance(before, Delivery) else None
            self.changes[row.key].append(change)
            if row.state is DeliveryState.PENDING and row.due_at is None:
                self.report_violation(f"W1 {row.key}: it waits, and is never due")
            self.claims.changed(change, row, older)
            self._replayed(change, row, older)

    def sending(self, *, url: str, headers: Mapping[str, str], body: bytes) -> Request:
        """Judge a request when it is made."""
        subscriber = self._subscribers.get(url)
        if subscriber is None:
            self.report_violation(f"W4 a request to {url or 'nowhere'}")
            raise LookupError(url)
        event_id = str(json.loads(body)["metadata"]["id"])
        key = delivery_key(delivery_id_of(endpoint_id=subscriber.endpoint_id, event_id=event_id))
        by = self._world.current()
        looked = self._read_at[by.serial, endpoint_key(subscriber.endpoint_id)]
        is_first = self._was_untried(key, self._read_at[by.serial, key])
        claim = self.claims.sending(key, by, looked=looked if is_first else None)
        standing = self.standings[subscriber.endpoint_id][-1]
        was_begun_before = claim is not None and max(claim.at, looked) <= standing.at
        if standing.state is not EndpointState.ACTIVE and not was_begun_before:
            self.report_violation(f"W4 {subscriber.endpoint_id}: sent to, though {standing.state}")
        if headers["webhook-id"] != message_id_of(event_id):
            self.report_violation(f"W2 {key}: another webhook-id")
        for wrong in self._bodies.problems(subscriber, event_id, headers, body):
            self.report_violation(f"{wrong} ({key})")
        request = Request(
            at=self._world.now,
            by=by,
            endpoint_id=subscriber.endpoint_id,
            event_id=event_id,
            key=key,
            round=0 if claim is None else claim.round,
            attempt=0 if claim is None else claim.attempt,
        )
        if claim is not None:
            claim.sent = request
        self.requests.append(request)
        return request

    def answered(self, request: Request) -> None:
        text = f"{request.endpoint_id} {request.status or request.failure}"
        self._world.note("answered", f"{text} round {request.round}, attempt {request.attempt}")

    def was_open(self, endpoint_id: str, since: float, until: float) -> bool:
        """Whether deliveries were made for an endpoint during all that time, at once or later."""
        return self._was(endpoint_id, since, until, OPEN)

    def was_active(self, endpoint_id: str, since: float, until: float) -> bool:
        return self._was(endpoint_id, since, until, (EndpointState.ACTIVE,))

    def _was(
        self, endpoint_id: str, since: float, until: float, states: Sequence[EndpointState]
    ) -> bool:
        at_first = [one for one in self.standings[endpoint_id] if one.at <= since][-1:]
        later = [one for one in self.standings[endpoint_id] if since < one.at <= until]
        return bool(at_first) and all(one.state in states for one in (*at_first, *later))

    def _stands(self, change: Change, row: Endpoint) -> None:
        known = self.standings[row.endpoint_id]
        if not known or known[-1].state is not row.state:
            known.append(Standing(at=change.at, state=row.state, reason=row.reason))

    def _replayed(self, change: Change, row: Delivery, before: Delivery | None) -> None:
        begins = before is None or row.round > before.round
        if row.replay_id is None or not begins:
            return
        begun = self.begun[row.key, row.replay_id]
        begun.append(change)
        if len(begun) > 1:
            self.report_violation(f"W8 {row.key}: {row.replay_id} has begun two rounds")


def _detail_type(row: object) -> str:
    if isinstance(row, Endpoint):
        return "EndpointDisabled"
    state = getattr(row, "state", None)
    return "BarcodeIssued" if state == "ISSUED" else "BarcodeRefused"
