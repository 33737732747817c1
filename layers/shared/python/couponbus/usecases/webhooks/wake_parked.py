"""Wakes parked deliveries page by page as their endpoint accepts them, without writing them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched

from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.outbox.backlog import parked_for
from couponbus.domain.rate_limit import SHARE_OF_LIMIT
from couponbus.domain.row import Rows
from couponbus.domain.timing import Timing
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState, endpoint_key
from couponbus.domain.webhooks.parking import NARROWEST, NEXT_TICK, WIDEST, Parking
from couponbus.domain.webhooks.retry_schedule import HELD
from couponbus.events.commands import DELIVERIES_PER_COMMAND, AttemptDeliveries
from couponbus.ports.shared import Clock, Ledger
from couponbus.ports.webhooks import DeliveryQueue
from couponbus.usecases.store import Store

TOGETHER = 300  # a minute, about what the few workers of the queue `redeliveries` can try
TICK = 60.0  # seconds between two ticks
EVER = timedelta(days=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Woken:
    """The row as it is to be stored, and the deliveries to try, spread by the endpoint's `rate`."""

    parking: Parking
    keys: Sequence[str] = ()
    rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeParked:
    """Wakes a few deliveries for an endpoint in trouble, more and more for a healthy one.

    A delivery that is woken stays parked until a sender claims it: a lost message costs time.
    `broken` has the keys of the rows that could not be stored: they stay due.
    """

    ledger: Ledger
    store: Store
    redeliveries: DeliveryQueue
    clock: Clock
    timing: Timing
    broken: set[str] = field(default_factory=set, init=False)

    def wake(self, parkings: Sequence[Parking]) -> tuple[int, int]:
        """Return how many deliveries were woken, and for how many rows nothing could be done.

        These stay due, as do all that are not stored. Raises LedgerUnavailable, QueueUnavailable.
        """
        lasts = [one.last for one in parkings if one.last is not None]
        endpoints = [endpoint_key(one.endpoint_id) for one in parkings]
        rows = self.store.read([*endpoints, *lasts])
        share = self._share(rows)
        woken: list[Woken] = []
        for one in parkings:
            with suppress(LedgerUnavailable, RowsBroken):
                woken.append(self._wake_one(one, rows, share=share))
        sent = list(_messages(woken))
        if sent:
            self.redeliveries.send([one for one, _ in sent], delays=[after for _, after in sent])
        # Where a delivery was parked meanwhile, the row stays as that write left it: due.
        self.broken.update(self.store.write([one.parking for one in woken]).broken)
        return sum(len(one.keys) for one in woken), len(parkings) - len(woken)

    def _share(self, rows: Rows) -> int:
        """Return how many deliveries may be tried for each endpoint in trouble."""
        now = self.clock.now()
        endpoints = rows.of(Endpoint)
        troubled = sum(_is_troubled(one, now) for one in endpoints)
        return max(TOGETHER // max(troubled, 1), NARROWEST)

    def _wake_one(self, parking: Parking, rows: Rows, *, share: int) -> Woken:
        """Return one row with what it wakes. Raises LedgerUnavailable, RowsBroken."""
        now = self.clock.now()
        row = rows.get(endpoint_key(parking.endpoint_id))
        endpoint = row if isinstance(row, Endpoint) else None
        if endpoint is not None and endpoint.state is EndpointState.PAUSED:
            return Woken(parking=parking.resting(until=now + HELD))
        is_troubled = endpoint is not None and _is_troubled(endpoint, now)
        has_taken_all = self._has_taken_all(parking, rows)
        if not has_taken_all and not is_troubled and self._is_under_way(parking):
            return Woken(parking=parking.resting(until=now + NEXT_TICK))
        most = share if is_troubled else WIDEST
        width = _width(parking, endpoint, most=most, has_taken_all=has_taken_all)
        page = self.ledger.due(backlog=parked_for(parking.endpoint_id), now=now, limit=width)
        if not page.keys:
            return Woken(parking=self._idle(parking))
        return Woken(
            parking=parking.woke(last=page.keys[-1], width=width, now=now),
            keys=page.keys,
            rate=None if endpoint is None else endpoint.rate,
        )

    def _has_taken_all(self, parking: Parking, rows: Rows) -> bool:
        """Whether the last delivery that was woken was tried since, with any outcome."""
        key = parking.last or ""
        last = None if key in rows.broken else rows.get(key)
        if parking.woken_at is None or not isinstance(last, Delivery) or not last.parked:
            return True
        since = parking.woken_at - timedelta(seconds=self.timing.skew)
        return last.attempted_at is not None and last.attempted_at >= since

    def _is_under_way(self, parking: Parking) -> bool:
        """Whether the message may still wait in its queue."""
        handover = timedelta(seconds=self.timing.handover)
        return parking.woken_at is not None and self.clock.now() < parking.woken_at + handover

    def _idle(self, parking: Parking) -> Parking:
        """Return the row, due when the first delivery is that is parked for later."""
        now = self.clock.now()
        later = self.ledger.due(backlog=parked_for(parking.endpoint_id), now=now + EVER, limit=1)
        rows = self.store.read(later.keys).values()
        moments = [
            row.due_at
            for row in rows
            if isinstance(row, Delivery) and row.parked and row.due_at is not None
        ]
        if not moments:
            return parking.found_nothing(now=now)
        if parking.checks == 0:
            return parking.checking_again(now=now)
        return parking.resting(until=max(moments[0], now + NEXT_TICK))


def _messages(woken: Sequence[Woken]) -> Iterator[tuple[AttemptDeliveries, int]]:
    """Yield messages with their delays in seconds: one for each second of the endpoint's rate."""
    for one in woken:
        by_second: dict[int, list[str]] = defaultdict(list)
        for place, key in enumerate(one.keys):
            by_second[0 if one.rate is None else int(place / (one.rate * SHARE_OF_LIMIT))].append(
                key
            )
        for after, keys in by_second.items():
            for chunk in batched(keys, DELIVERIES_PER_COMMAND, strict=False):
                command = AttemptDeliveries(
                    attempt="again", endpoint_id=one.parking.endpoint_id, keys=chunk
                )
                yield command, after


def _is_troubled(endpoint: Endpoint, now: datetime) -> bool:
    return endpoint.state is EndpointState.ACTIVE and endpoint.keeps_waiting(now)


def _width(parking: Parking, endpoint: Endpoint | None, *, most: int, has_taken_all: bool) -> int:
    """Return how many deliveries to wake."""
    if endpoint is None or endpoint.state is not EndpointState.ACTIVE:
        return WIDEST  # nothing is sent: they are given up
    width = min(parking.width * 2, most) if has_taken_all else NARROWEST
    in_a_tick = TICK * SHARE_OF_LIMIT * (endpoint.rate or most)
    return max(min(width, int(in_a_tick)), 1)
