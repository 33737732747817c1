"""Spreads retries over a tick: at the rate of each endpoint, few for an endpoint in trouble."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.rate_limit import SHARE_OF_LIMIT
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState, endpoint_key
from couponbus.domain.webhooks.parking import NARROWEST
from couponbus.ports.shared import Clock
from couponbus.usecases.store import Store

TICK = 60.0  # seconds between two ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTime:
    """When a delivery is sent: `after` seconds from now, or, if postponed, not before `until`.

    `waits` marks what is not tried before its endpoint is healthy, or tried as one of few.
    """

    after: int = 0
    until: datetime | None = None
    waits: bool = False


SEND_NOW = SendTime()
PARKED = SendTime(waits=True)


class RetryShare:
    """The retries of one tick.

    What waits for endpoints that do not answer grows for days. If all of it were handed over, the
    retry of an endpoint that failed once would wait behind it for hours: all but a few are parked.
    Where an endpoint has a rate, what is handed over before its slot would only be postponed, each
    time anew.
    """

    def __init__(self, *, store: Store, clock: Clock) -> None:
        """Begin with no delivery handed over."""
        self._store = store
        self._clock = clock
        self._known: dict[str, Endpoint | None] = {}
        self._given: Counter[str] = Counter()

    def send_times(self, deliveries: Sequence[Delivery]) -> Mapping[str, SendTime]:
        """Return when each delivery is sent, by its key."""
        self._learn({one.endpoint_id for one in deliveries})
        now = self._clock.now()
        send_times: dict[str, SendTime] = {}
        for one in deliveries:
            place = self._given[one.endpoint_id]
            self._given[one.endpoint_id] += 1
            send_times[one.key] = self._send_time(one, place=place, now=now)
        return send_times

    def _send_time(self, delivery: Delivery, *, place: int, now: datetime) -> SendTime:
        """Return when the delivery is sent that has this place among those of its endpoint."""
        endpoint = self._known.get(delivery.endpoint_id)
        if endpoint is None:
            return SEND_NOW
        if endpoint.state is EndpointState.PAUSED:
            return PARKED
        if endpoint.keeps_waiting(now) and place >= NARROWEST:
            return PARKED
        if endpoint.rate is None:
            return SEND_NOW
        slot = place / (endpoint.rate * SHARE_OF_LIMIT)
        if slot < TICK:
            return SendTime(after=int(slot))
        return SendTime(until=now + timedelta(seconds=slot))

    def _learn(self, endpoint_ids: set[str]) -> None:
        """Read the endpoints not known yet; one that cannot be read now is not held back."""
        new = sorted(endpoint_ids - self._known.keys())
        self._known.update(dict.fromkeys(new))
        with suppress(LedgerUnavailable):
            rows = self._store.read([endpoint_key(one) for one in new])
            found = rows.of(Endpoint)
            self._known.update({row.endpoint_id: row for row in found})
