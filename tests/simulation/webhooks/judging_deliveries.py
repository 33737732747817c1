"""Whether each delivery was made, to every endpoint that wanted it, and how it ended."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from couponbus.domain.webhooks.delivery import (
    Delivery,
    DeliveryState,
    Unsent,
    delivery_id_of,
    delivery_key,
)
from couponbus.domain.webhooks.endpoint import EndpointState
from couponbus.domain.webhooks.parking import parking_key
from couponbus.events.base import PublishedEvent
from couponbus.events.endpoints import EndpointDisabled
from tests.simulation.webhooks.claims import JITTER, MOST, PAUSES
from tests.simulation.webhooks.requests import Request
from tests.simulation.webhooks.run import WebhookRun
from tests.simulation.webhooks.scenario import Behaviour, Subscriber

SWEPT_WITHIN = 400.0  # seconds: two ticks, and a handover for a worker whose clock is behind
WAITED_FOR = (
    Behaviour.SILENT,
    Behaviour.SLOW,
    Behaviour.BUSY,
    Behaviour.DEAF,
)  # deliveries may wait behind these
NEW = 60.0  # seconds
PROMPT = 80.0  # seconds: a minute if a replay makes the delivery, and some for the queue
FANNED_OUT_WITHIN = 4500.0  # seconds: all receipts of a message
GONE = 410


def wants(subscriber: Subscriber, event: PublishedEvent) -> bool:
    """Whether an endpoint is to be sent an event, by a rule independent of the product."""
    data = event.model_dump(mode="json")["data"]
    is_own = event.detail_type == EndpointDisabled.detail_type
    about_itself = is_own and data["endpoint_id"] == subscriber.endpoint_id
    return (
        event.metadata.tenant == subscriber.tenant
        and subscriber.filter.means(event.origin, event.detail_type, data)
        and not about_itself
    )


def key_of(subscriber: Subscriber, event: PublishedEvent) -> str:
    return delivery_key(
        delivery_id_of(endpoint_id=subscriber.endpoint_id, event_id=event.metadata.id)
    )


class DeliveryJudge:
    """Judges deliveries; indexes the requests of a run by delivery."""

    def __init__(self, run: WebhookRun) -> None:
        self._run = run
        self._requests: dict[str, list[Request]] = defaultdict(list)
        for request in run.witness.requests:
            self._requests[request.key].append(request)

    def problems(self) -> Iterator[str]:
        wanted: set[str] = set()
        for subscriber in self._run.scenario.subscribers:
            for event in self._run.rule.first.values():
                if wants(subscriber, event):
                    wanted.add(key_of(subscriber, event))
                    yield from self._wanted(subscriber, event)
        for row in self._run.delivery_rows():
            if row.key not in wanted:
                yield f"W1 {row.key}: no endpoint subscribed"

    def _wanted(self, subscriber: Subscriber, event: PublishedEvent) -> Iterator[str]:
        row = self._run.ledger.rows.get(key_of(subscriber, event))
        if not isinstance(row, Delivery):
            if self._is_owed(subscriber, event):
                yield f"W1 {event.metadata.id}: not delivered to {subscriber.endpoint_id}"
            return
        match row.state:
            case DeliveryState.PENDING:
                yield from self._pending(row)
            case DeliveryState.DELIVERED:
                if not any(one.is_success for one in self._of_round(row)):
                    yield f"W1 {row.key}: delivered, but no receiver accepted it"
            case DeliveryState.EXHAUSTED:
                yield from self._exhausted(row)
        if not self._run.world.faults.suffered:
            yield from self._without_faults(row, subscriber)

    def _late(self, row: Delivery) -> Iterator[str]:
        """Yield attempts that came later than the schedule allows."""
        for one, following in pairwise(self._run.witness.claims.of[row.key]):
            is_one_round = one.round == following.round and one.attempt < MOST
            if one.sent is None or one.sent.over_at is None or not is_one_round:
                continue
            latest = one.sent.over_at + PAUSES[one.attempt - 1] * (1 + JITTER) + SWEPT_WITHIN
            was_active = self._run.witness.was_active(row.endpoint_id, one.at, following.at)
            if was_active and following.at > latest:
                yield f"W6 {row.key}: attempt {following.attempt} comes too late"

    def _is_owed(self, subscriber: Subscriber, event: PublishedEvent) -> bool:
        """Whether the endpoint was there, and not disabled, for as long as the fan-out may take."""
        change = self._run.witness.remembered.get(event.metadata.id)
        if change is None:
            return False  # judged elsewhere
        since = change.by.started
        until = since + FANNED_OUT_WITHIN
        if self._run.notifications.redriven:
            until = self._run.world.now
        return self._run.witness.was_open(subscriber.endpoint_id, since, until)

    def _of_round(self, row: Delivery) -> list[Request]:
        return [one for one in self._requests[row.key] if one.round == row.round]

    def _pending(self, row: Delivery) -> Iterator[str]:
        waking = self._run.ledger.rows.get(parking_key(row.endpoint_id)) if row.parked else row
        if waking is None or row.due_at is None or waking.due_at is None:
            yield f"W1 {row.key}: waits for ever"
        if not self._run.waits_paused(row):
            yield f"W1 {row.key}: still waits"

    def _exhausted(self, row: Delivery) -> Iterator[str]:
        standings = self._run.witness.standings[row.endpoint_id]
        was = {one.state for one in standings}
        match row.reason:
            case Unsent.ENDPOINT_REMOVED:
                is_right = EndpointState.REMOVED in was
            case Unsent.ENDPOINT_DISABLED:
                is_right = EndpointState.DISABLED in was
            case Unsent.INTERRUPTED:
                is_right = row.attempt == MOST and bool(self._run.world.faults.suffered)
            case Unsent.EVENT_FORGOTTEN | Unsent.EVENT_CONTRADICTED | None:
                is_right = False
            case _:
                is_right = row.attempt == MOST or row.status == GONE
        if not is_right:
            yield f"W1 {row.key}: given up after {row.attempt} attempts, because {row.reason}"

    def _without_faults(self, row: Delivery, subscriber: Subscriber) -> Iterator[str]:
        """Without faults each counted attempt was made, and none comes too late."""
        made = len(self._of_round(row))
        behaviours = {fact.state for fact in subscriber.behaviours.facts}
        if made != row.attempt:
            yield f"W6 {row.key}: {row.attempt} attempts, {made} requests"
        if behaviours == {Behaviour.WELL}:
            yield from self._to_the_well(row, made)
        if subscriber.rate is not None or self._run.scenario.is_crowded:
            return  # then some have to wait
        if behaviours.isdisjoint(WAITED_FOR):
            yield from self._late(row)
            is_well = behaviours == {Behaviour.WELL}
            yield from self._slow(row, within=PROMPT if is_well else SWEPT_WITHIN)

    def _to_the_well(self, row: Delivery, made: int) -> Iterator[str]:
        if row.state is DeliveryState.EXHAUSTED and row.reason not in tuple(Unsent):
            yield f"W1 {row.key}: given up, though its endpoint was well"
        if made > 1:
            yield f"W6 {row.key}: sent {made} times, though its endpoint was well"

    def _slow(self, row: Delivery, *, within: float) -> Iterator[str]:
        first = self._run.witness.changes[row.key][0]
        until = first.at + within
        if self._run.witness.standings[row.endpoint_id][0].at > first.at - NEW:
            return  # a worker that does not know its secret yet retries in a minute
        tried = min((one.at for one in self._requests[row.key]), default=until)
        was_active = self._run.witness.was_active(row.endpoint_id, first.by.started, until)
        if was_active and tried >= until:
            yield f"W9 {row.key}: no worker tried for {tried - first.at:.0f} s, with none before it"
