"""Before an attempt: is there still something to send, to whom, and may it be sent now."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from couponbus.domain.delivery import Delivery, Unsent
from couponbus.domain.endpoint import Endpoint, EndpointState, endpoint_key
from couponbus.domain.errors import ConfigurationInvalid, SecretUnavailable
from couponbus.domain.pacing import Busy
from couponbus.domain.past_event import PastEvent, event_key
from couponbus.domain.row import Row
from couponbus.domain.webhook import HELD
from couponbus.ports import Clock
from couponbus.ports.webhooks import EndpointPace, SigningKeys
from couponbus.usecases.attempting import Outgoing
from couponbus.usecases.round import Round
from couponbus.usecases.store import Store
from couponbus.usecases.tally import Count
from couponbus.usecases.webhook_bodies import body_of, rows_to_read

WITHOUT_KEYS = timedelta(minutes=1)
SLOT_WAIT = 5.0


@dataclass(slots=True)
class Prepared:
    """What can be sent, and rows to store instead of sending."""

    outgoing: list[Outgoing] = field(default_factory=list)
    settled: list[Delivery] = field(default_factory=list)


class PreparingAttempts:
    """Reads everything that a batch of deliveries needs in two calls."""

    def __init__(
        self, *, store: Store, signing_keys: SigningKeys, pace: EndpointPace, clock: Clock
    ) -> None:
        """Sign with these keys, and keep to this pace."""
        self._store = store
        self._signing_keys = signing_keys
        self._pace = pace
        self._clock = clock

    def prepare(
        self, deliveries: Sequence[Delivery], *, waiting: frozenset[str], turn: Round
    ) -> Prepared:
        """Sort what is to be sent from what is not.

        Those whose keys are in `waiting` are left alone when their endpoint is failing: they are
        due in the ledger. Raises LedgerUnavailable.
        """
        rows = self._store.read(
            [key for one in deliveries for key in (endpoint_key(one.endpoint_id), _event(one))]
        )
        rows = {**rows, **self._store.read(list(_further(deliveries, rows)))}
        prepared = Prepared()
        sendable: dict[str, list[Delivery]] = defaultdict(list)
        for one in deliveries:
            endpoint = rows.get(endpoint_key(one.endpoint_id))
            settled = self._settled(one, endpoint, rows.get(_event(one)))
            if settled is not None:
                prepared.settled.append(settled)
            elif isinstance(endpoint, Endpoint) and not (
                one.key in waiting and endpoint.is_failing
            ):
                sendable[endpoint.key].append(one)
        for key, several in sendable.items():
            self._prepare_for(key, several, rows, prepared, turn=turn)
        return prepared

    def _settled(self, one: Delivery, endpoint: Row | None, event: Row | None) -> Delivery | None:
        """Return what becomes of a delivery that is not sent now, None for one that is."""
        now = self._clock.now()
        if not isinstance(endpoint, Endpoint) or endpoint.state is EndpointState.REMOVED:
            return one.given_up(reason=Unsent.ENDPOINT_REMOVED, now=now)
        if endpoint.state is EndpointState.DISABLED:
            return one.given_up(reason=Unsent.ENDPOINT_DISABLED, now=now)
        if endpoint.state is EndpointState.PAUSED:
            return one.put_off(until=now + HELD)
        if not isinstance(event, PastEvent):
            return one.given_up(reason=Unsent.EVENT_FORGOTTEN, now=now)
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
        turn: Round,
    ) -> None:
        """Prepare all for one endpoint. Raises LedgerUnavailable."""
        endpoint = rows[key]
        assert isinstance(endpoint, Endpoint)  # noqa: S101 - sorted by it
        try:
            keys = self._signing_keys.of(endpoint.endpoint_id)
        except (SecretUnavailable, ConfigurationInvalid):
            turn.count(Count.MISCONFIGURED)
            until = self._clock.now() + WITHOUT_KEYS
            prepared.settled += [one.put_off(until=until) for one in deliveries]
            return
        slots = self._slots(endpoint, len(deliveries))
        for place, one in enumerate(deliveries):
            if place >= len(slots.moments):
                prepared.settled.append(one.put_off(until=slots.later))
                continue
            event = rows[_event(one)]
            assert isinstance(event, PastEvent)  # noqa: S101 - sorted by it
            prepared.outgoing.append(
                Outgoing(
                    delivery=one,
                    endpoint=endpoint,
                    body=body_of(event, endpoint, rows=rows),
                    keys=keys,
                    not_before=slots.moments[place],
                )
            )

    def _slots(self, endpoint: Endpoint, calls: int) -> "_Slots":
        """Return when each call may be made, as far as there are slots soon enough."""
        if endpoint.rate is None:
            return _Slots(moments=[None] * calls, later=self._clock.now())
        leased = self._pace.lease(
            endpoint_id=endpoint.endpoint_id,
            per_second=endpoint.rate,
            calls=calls,
            within=SLOT_WAIT,
        )
        if isinstance(leased, Busy):
            return _Slots(moments=[], later=_moment(leased.until))
        moments = [_moment(leased.slot(place)) for place in range(leased.calls)]
        return _Slots(moments=moments, later=_moment(leased.slot(leased.calls)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slots:
    """`later` is when to ask for those that got none."""

    moments: Sequence[datetime | None]
    later: datetime


def _event(delivery: Delivery) -> str:
    return event_key(delivery.event_id)


def _further(deliveries: Sequence[Delivery], rows: Mapping[str, Row]) -> Iterator[str]:
    for one in deliveries:
        event, endpoint = rows.get(_event(one)), rows.get(endpoint_key(one.endpoint_id))
        if isinstance(event, PastEvent) and isinstance(endpoint, Endpoint):
            yield from rows_to_read(event, endpoint)


def _moment(epoch_seconds: float) -> datetime:
    return datetime.fromtimestamp(epoch_seconds, UTC)
