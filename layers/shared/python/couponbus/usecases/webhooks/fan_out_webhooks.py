"""Makes one delivery of an event for each endpoint whose pattern matches."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import batched

from couponbus.domain.errors import ConfigurationInvalid, InputRejected, QueueUnavailable
from couponbus.domain.row import Row
from couponbus.domain.timing import Timing
from couponbus.domain.webhooks.delivery import Delivery, new_delivery
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.domain.webhooks.history_page import pages_of
from couponbus.events.commands import DELIVERIES_PER_COMMAND, AttemptDeliveries
from couponbus.ports.shared import Clock
from couponbus.ports.webhooks import DeliveryQueue
from couponbus.usecases.causes import NO_TIME_LEFT, UNSTORABLE, Failures, all_for, first_of
from couponbus.usecases.invocation import BatchResult, Invocation, Metric, bisect_batch, ids_of
from couponbus.usecases.messages import InvalidMessage, Message, invalid_event
from couponbus.usecases.quarantine import InvalidMessages
from couponbus.usecases.store import Stored
from couponbus.usecases.traces import Traced
from couponbus.usecases.webhooks.event_messages import Notified, sort_notifications
from couponbus.usecases.webhooks.park_deliveries import ParkingDeliveries
from couponbus.usecases.webhooks.subscribers import Subscribed, Subscribers, wants

AT_ONCE = timedelta(0)
FAN_OUT_MARGIN = timedelta(seconds=15)
PORTION = 5000  # deliveries that are made, stored and enqueued together


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutWebhooks:
    """Stores history and deliveries under keys that are computed from the event.

    So a batch that was done in part can be repeated: the fan-out is idempotent. What a batch has no
    time for comes again: a batch of the queue may make more deliveries than fit an invocation. An
    event that no endpoint wants is only history, in a page with others.
    """

    parking: ParkingDeliveries
    subscribers: Subscribers
    deliveries: DeliveryQueue
    invalid_messages: InvalidMessages
    clock: Clock
    timing: Timing

    def handle(self, messages: Sequence[Message], *, deadline: datetime) -> BatchResult:
        """Store what the batch asks for, or have its messages redelivered."""
        run = Invocation(deadline=deadline)
        handled = partial(self._handled, run=run)
        failed = bisect_batch(messages, handled, failed=ids_of, run=run)
        return run.report(failed=failed)

    def _handled(self, messages: Sequence[Message], *, run: Invocation) -> Failures:
        arrived = sort_notifications(messages, clock=self.clock)
        fanned_out = partial(self._fanned_out, run=run)
        failed = bisect_batch(arrived.notified, fanned_out, failed=_ids_of, run=run)
        for one in arrived.notified:
            if one.message.message_id in failed:
                run.traces.add(Traced.FAILED, one.event.trace_id, key=one.event.key)
        return first_of(failed, self.invalid_messages.quarantine(arrived.invalid, run=run))

    def _fanned_out(self, notified: Sequence[Notified], *, run: Invocation) -> Failures:
        """Return the messages to redeliver; an event that fails, fails alone."""
        events: dict[str, EventRecord] = {}
        for one in notified:
            events.setdefault(one.event.key, one.event)
        done = self._fan_out(events, run=run)
        facts = {**events, **done.earlier}
        contradicting = [one for one in notified if one.event.contradicts(facts[one.event.key])]
        run.count(Metric.CONTRADICTED_EVENTS, len(contradicting))
        unfinished = [one for one in notified if one.event.event_id in done.unfinished]
        late = [one for one in notified if one.event.event_id in done.late]
        failed = {
            **all_for(NO_TIME_LEFT, _ids_of(late)),
            **all_for(UNSTORABLE, _ids_of(unfinished)),
        }
        for one in notified:
            if one.message.message_id not in failed:
                what = Traced.REFUSED if one in contradicting else Traced.FANNED_OUT
                run.traces.add(what, one.event.trace_id, key=one.event.key)
        invalid = [*map(_contradiction, contradicting)]
        return first_of(failed, self.invalid_messages.quarantine(invalid, run=run))

    def _fan_out(self, events: Mapping[str, EventRecord], *, run: Invocation) -> "_FannedOut":
        """Store what there is time for. Raises LedgerUnavailable."""
        run.count(Metric.EVENTS, len(events))
        subscribed = self.subscribers.of(event.tenant for event in events.values())
        run.broken.update(subscribed.broken)
        done = _FannedOut()
        for portion in _portions(list(events.values()), subscribed):
            if self.clock.now() + FAN_OUT_MARGIN >= run.deadline and done.has_begun:
                done.late.update(event.event_id for event in portion)
            else:
                self._fan_out_portion(portion, subscribed, done, run=run)
        return done

    def _fan_out_portion(
        self,
        events: Sequence[EventRecord],
        subscribed: Subscribed,
        done: "_FannedOut",
        *,
        run: Invocation,
    ) -> None:
        now = self.clock.now()
        wanted = [
            (event, endpoint)
            for event in events
            for endpoint in subscribed.of(event.tenant)
            if self._wants(endpoint, event, run=run)
        ]
        deliveries = [self._delivery(event, endpoint, now=now) for event, endpoint in wanted]
        named = {event.key for event, _ in wanted}
        incomplete = [one for one in events if one.tenant in subscribed.incomplete]
        own = [one for one in events if one.key in named or one in incomplete]
        pages = list(pages_of(one for one in events if one not in own))
        stored = self.parking.write([*own, *pages, *deliveries])
        run.broken.update(stored.broken)
        fresh = _untried(stored)
        run.count(Metric.DELIVERIES, sum(isinstance(row, Delivery) for row in stored.written))
        prompt = {one.endpoint_id for _, one in wanted if _is_prompt(one, now)}
        self._hint(fresh, prompt, run=run)
        unstored = [*incomplete, *stored.unstored_of(own)]
        unstored += [one for page in stored.unstored_of(pages) for one in page.events]
        done.unfinished.update(event.event_id for event in unstored)
        done.unfinished.update(one.event_id for one in stored.unstored_of(deliveries))
        done.earlier.update(_earlier(stored))
        done.has_begun = True

    def _wants(self, endpoint: Endpoint, event: EventRecord, *, run: Invocation) -> bool:
        if endpoint.state is EndpointState.DISABLED:
            return False
        try:
            return wants(endpoint, event)
        except ConfigurationInvalid:
            # A replay makes up for it once the pattern is corrected.
            run.count(Metric.MISCONFIGURED)
            return False

    def _delivery(self, event: EventRecord, endpoint: Endpoint, *, now: datetime) -> Delivery:
        """Return the delivery, due when the sweeper must see to it if no worker has."""
        hinted = timedelta(seconds=self.timing.handover)
        delivery = new_delivery(
            tenant=event.tenant,
            endpoint_id=endpoint.endpoint_id,
            event_id=event.event_id,
            detail_type=event.detail_type,
            now=now,
            sweep_after=hinted if _is_prompt(endpoint, now) else AT_ONCE,
        )
        return delivery if _is_prompt(endpoint, now) else delivery.park(now=now)

    def _hint(self, fresh: Sequence[Delivery], prompt: Set[str], *, run: Invocation) -> None:
        """Enqueue first attempts; a lost message costs minutes, and no endpoint waits for another.

        Deliveries for failing and slow endpoints come through the sweeper alone, to workers of
        their own.
        """
        keys: dict[str, list[str]] = defaultdict(list)
        for delivery in fresh:
            if delivery.endpoint_id in prompt:
                keys[delivery.endpoint_id].append(delivery.key)
        commands = [
            AttemptDeliveries(attempt="first", endpoint_id=endpoint_id, keys=chunk)
            for endpoint_id, several in keys.items()
            for chunk in batched(several, DELIVERIES_PER_COMMAND, strict=False)
        ]
        if commands:
            with run.leaving(sum(map(len, keys.values())), after=QueueUnavailable):
                self.deliveries.send(commands)


@dataclass(slots=True, kw_only=True)
class _FannedOut:
    """The ids of events that are not stored completely, or not begun; those stored before."""

    has_begun: bool = False
    unfinished: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    earlier: dict[str, EventRecord] = field(default_factory=dict)


def _portions(
    events: Sequence[EventRecord], subscribed: Subscribed
) -> Iterator[Sequence[EventRecord]]:
    """Yield the events in parts of at most `PORTION` deliveries, but at least one event."""
    portion: list[EventRecord] = []
    most = 0
    for event in events:
        deliveries = len(subscribed.of(event.tenant))
        if portion and most + deliveries > PORTION:
            yield portion
            portion, most = [], 0
        portion.append(event)
        most += deliveries
    if portion:
        yield portion


def _earlier(stored: Stored[Row]) -> Mapping[str, EventRecord]:
    there = (conflict.stored for conflict in stored.conflicts)
    return {row.key: row for row in there if isinstance(row, EventRecord)}


def _ids_of(notified: Sequence[Notified]) -> list[str]:
    return [one.message.message_id for one in notified]


def _contradiction(notified: Notified) -> InvalidMessage:
    identity = {"id": notified.event.event_id}
    return invalid_event(notified.message, InputRejected("contradicted"), identity, {})


def _is_prompt(endpoint: Endpoint, now: datetime) -> bool:
    return endpoint.state is EndpointState.ACTIVE and not endpoint.keeps_waiting(now)


def _untried(stored: Stored[Row]) -> list[Delivery]:
    """Return the deliveries without an attempt, also those that an earlier batch stored."""
    there = (conflict.stored for conflict in stored.conflicts)
    rows = [row for row in (*stored.written, *there) if isinstance(row, Delivery)]
    return [row for row in rows if row.is_untried]
