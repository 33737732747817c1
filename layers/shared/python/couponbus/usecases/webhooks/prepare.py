"""Decides before an attempt what is sent, to which endpoint, and whether it may be sent now."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from couponbus.domain.errors import ConfigurationInvalid, LedgerUnavailable, SecretUnavailable
from couponbus.domain.rate_limit import SHARE_OF_LIMIT, NoSlot
from couponbus.domain.row import Row, Rows
from couponbus.domain.webhooks.delivery import Delivery, Unsent
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState, endpoint_key
from couponbus.domain.webhooks.event_record import EventRecord, event_key
from couponbus.ports.shared import Clock
from couponbus.ports.webhooks import EndpointPace, SigningKeys
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.store import Store
from couponbus.usecases.traces import trace_of
from couponbus.usecases.webhooks.scoped_body import body_of, rows_to_read, tenant_of
from couponbus.usecases.webhooks.send import NEEDED, PreparedDelivery

A_WHILE = timedelta(minutes=1)  # until there are keys, or the pace can be read
REDRIVEN_WITHIN = timedelta(days=14)  # the retention of the dead-letter queue
ENDPOINT_SLOT_WAIT = 5.0

type TraceIds = dict[str, str | None]  # by the key of a delivery


@dataclass(slots=True)
class Prepared:
    """What can be sent, rows to store instead of sending, and the traces of both, by key."""

    prepared: list[PreparedDelivery] = field(default_factory=list)
    settled: list[Delivery] = field(default_factory=list)
    traces: TraceIds = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparingAttempts:
    """Reads everything that a batch of deliveries needs in two calls."""

    store: Store
    signing_keys: SigningKeys
    pace: EndpointPace
    clock: Clock

    def prepare(
        self, deliveries: Sequence[Delivery], *, waiting: frozenset[str], run: Invocation
    ) -> Prepared:
        """Separate what is to be sent from what is not.

        Those whose keys are in `waiting` are parked when their endpoint fails or is slow. Those
        that need a row which cannot be read stay as they are, and due. Raises LedgerUnavailable.
        """
        now = self.clock.now()
        rows = self.store.read(
            [key for one in deliveries for key in (endpoint_key(one.endpoint_id), _event(one))]
        )
        rows = rows.plus(self.store.read(list(_further(deliveries, rows))))
        run.broken.update(rows.broken)
        prepared = Prepared()
        sendable: dict[str, list[Delivery]] = defaultdict(list)
        for one in deliveries:
            if rows.broken and not rows.broken.isdisjoint(_needed(one, rows)):
                continue
            endpoint = rows.get(endpoint_key(one.endpoint_id))
            event = rows.get(_event(one))
            if _is_foreign(event, one) or _says_of_another(event, endpoint, rows):
                run.count(Metric.CONTRADICTED_EVENTS)
            if event is not None:
                prepared.traces[one.key] = trace_of(event)
            settled = self._settled(one, endpoint, event)
            if settled is not None:
                prepared.settled.append(settled)
            elif isinstance(endpoint, Endpoint) and not (
                one.key in waiting and endpoint.keeps_waiting(now)
            ):
                sendable[endpoint.key].append(one)
            else:
                prepared.settled.append(one.park(now=now))
        for key, several in sendable.items():
            self._prepare_for(key, several, rows, prepared, run=run)
        return prepared

    def _settled(self, one: Delivery, endpoint: Row | None, event: Row | None) -> Delivery | None:
        """Return a delivery that is not sent now as it is to be stored, None for one that is."""
        now = self.clock.now()
        if not isinstance(endpoint, Endpoint) or _is_gone(endpoint, one):
            return one.given_up(reason=Unsent.ENDPOINT_REMOVED, now=now)
        if endpoint.state is EndpointState.DISABLED:
            return one.given_up(reason=Unsent.ENDPOINT_DISABLED, now=now)
        if endpoint.state is EndpointState.PAUSED:
            return one.park(now=now)
        if not isinstance(event, EventRecord) or _is_foreign(event, one):
            return _without_its_event(one, event, now=now)
        if one.is_used_up:
            return one.given_up(reason=Unsent.INTERRUPTED, now=now)
        return None

    def _prepare_for(
        self,
        key: str,
        deliveries: Sequence[Delivery],
        rows: Mapping[str, Row],
        prepared: Prepared,
        *,
        run: Invocation,
    ) -> None:
        """Prepare all for one endpoint. Raises LedgerUnavailable."""
        endpoint = rows[key]
        assert isinstance(endpoint, Endpoint)  # noqa: S101 - sorted by it
        try:
            keys = self.signing_keys.of(endpoint.endpoint_id)
        except (SecretUnavailable, ConfigurationInvalid):
            run.count(Metric.MISCONFIGURED)
            until = self.clock.now() + A_WHILE
            prepared.settled += [one.put_off(until=until) for one in deliveries]
            return
        slots = self._slots(endpoint, len(deliveries), deadline=run.deadline)
        sent_now = len(slots.moments)
        for one, until in zip(deliveries[sent_now:], slots.later, strict=True):
            prepared.settled.append(one.put_off(until=until))
        for one, moment in zip(deliveries[:sent_now], slots.moments, strict=True):
            event = rows[_event(one)]
            assert isinstance(event, EventRecord)  # noqa: S101 - sorted by it
            prepared.prepared.append(
                PreparedDelivery(
                    delivery=one,
                    endpoint=endpoint,
                    body=body_of(event, endpoint, rows=rows),
                    keys=keys,
                    not_before=moment,
                    trace_id=event.trace_id,
                )
            )

    def _slots(self, endpoint: Endpoint, calls: int, *, deadline: datetime) -> "_Slots":
        """Return when each call may be made, as far as there are slots soon enough."""
        now = self.clock.now()
        if endpoint.rate is None:
            return _Slots(moments=[None] * calls, later=[])
        left = (deadline - now - NEEDED).total_seconds() - ENDPOINT_SLOT_WAIT
        in_time = 1 + int(max(left, 0.0) * endpoint.rate * SHARE_OF_LIMIT)
        try:
            leased = self.pace.reserve(
                endpoint_id=endpoint.endpoint_id,
                per_second=endpoint.rate,
                calls=min(calls, in_time),
                within=ENDPOINT_SLOT_WAIT,
            )
        except LedgerUnavailable:
            # It does not concern the other endpoints of the batch.
            return _Slots(moments=[], later=[now + A_WHILE] * calls)
        if isinstance(leased, NoSlot):
            later = [_moment(leased.until + place / endpoint.rate) for place in range(calls)]
            return _Slots(moments=[], later=later)
        moments = [_moment(leased.slot(place)) for place in range(calls)]
        return _Slots(moments=moments[: leased.calls], later=moments[leased.calls :])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slots:
    """`moments` for the first calls; `later` is when to try each of the others again."""

    moments: Sequence[datetime | None]
    later: Sequence[datetime]


def _is_gone(endpoint: Endpoint, delivery: Delivery) -> bool:
    """Whether it was removed, even if another endpoint has its id now."""
    return endpoint.state is EndpointState.REMOVED or endpoint.tenant != delivery.tenant


def _is_foreign(event: Row | None, delivery: Delivery) -> bool:
    """Whether the event of that id is another than the one of which the delivery was made."""
    return isinstance(event, EventRecord) and (
        (event.tenant, event.detail_type) != (delivery.tenant, delivery.detail_type)
    )


def _says_of_another(event: Row | None, endpoint: Row | None, rows: Rows) -> bool:
    """Whether the event names a row of another tenant, of which the endpoint would read."""
    if not isinstance(event, EventRecord) or not isinstance(endpoint, Endpoint):
        return False
    named = [rows.readable(key) for key in rows_to_read(event, endpoint)]
    return any(tenant_of(one) not in (None, event.tenant) for one in named)


def _without_its_event(delivery: Delivery, event: Row | None, *, now: datetime) -> Delivery:
    """Give up, or postpone each time for longer until its event is stored by a redrive."""
    if event is not None:
        return delivery.given_up(reason=Unsent.EVENT_CONTRADICTED, now=now)
    age = now - delivery.created_at
    if age > REDRIVEN_WITHIN:
        return delivery.given_up(reason=Unsent.EVENT_FORGOTTEN, now=now)
    return delivery.put_off(until=now + max(A_WHILE, age))


def _event(delivery: Delivery) -> str:
    return event_key(delivery.event_id)


def _needed(delivery: Delivery, rows: Rows) -> Iterator[str]:
    yield from (endpoint_key(delivery.endpoint_id), _event(delivery))
    yield from _further([delivery], rows)


def _further(deliveries: Sequence[Delivery], rows: Rows) -> Iterator[str]:
    for one in deliveries:
        event = rows.readable(_event(one))
        endpoint = rows.readable(endpoint_key(one.endpoint_id))
        if isinstance(event, EventRecord) and isinstance(endpoint, Endpoint):
            yield from rows_to_read(event, endpoint)


def _moment(epoch_seconds: float) -> datetime:
    return datetime.fromtimestamp(epoch_seconds, UTC)
