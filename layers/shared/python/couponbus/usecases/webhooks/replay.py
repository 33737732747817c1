"""Replays: past events are sent again, under the same ids, in rounds that are counted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import batched

from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.webhooks.delivery import Delivery, new_delivery
from couponbus.domain.webhooks.replay import Replay
from couponbus.ports.shared import Clock
from couponbus.ports.webhooks import EventLog
from couponbus.usecases.store import CONFLICT_TRIES, Store
from couponbus.usecases.webhooks.park_deliveries import ParkingDeliveries
from couponbus.usecases.webhooks.replay_selection import (
    CHUNK,
    Pair,
    ReplaySelector,
    Selection,
    is_meant,
)

AT_ONCE = timedelta(0)


class Replaying:
    """Makes all selected deliveries due, at a rate; the sweeper does the rest.

    So an interrupted replay can be repeated under its id, and sends nothing twice.
    """

    def __init__(self, *, store: Store, history: EventLog, clock: Clock) -> None:
        """Read the events from this history."""
        self._store = store
        self._parking = ParkingDeliveries(store=store)
        self._selecting = ReplaySelector(store=store, history=history)
        self._clock = clock

    def count(self, selection: Selection) -> int:
        """Return how many webhooks a replay of it would send. Raises LedgerUnavailable."""
        return sum(1 for _ in self._selecting.pairs(selection))

    def replay(self, audit: Replay, selection: Selection) -> Replay:
        """Make everything due, `audit.rate` a second, and keep the audit row.

        Raises LedgerUnavailable, or RowsBroken when all others are due: then the same replay can be
        repeated.
        """
        self._store.put(audit)
        began_at, sent = self._clock.now(), 0
        broken: set[str] = set()
        pairs = self._selecting.pairs(selection, sent_by=audit.replay_id)
        for chunk in batched(pairs, CHUNK, strict=False):
            first = began_at + timedelta(seconds=sent / audit.rate)
            sent += self._make_due(chunk, audit, first, selection, broken)
        self._require_sound(broken)
        return self._ended(audit, sent=sent)

    def wake(self, selection: Selection, *, rate: int) -> int:
        """Make waiting deliveries due at once; their rounds and attempts stay.

        Raises LedgerUnavailable, or RowsBroken when all others are due.

        What is being sent now is left alone, or its outcome could not be stored. What is parked is
        not written: the row of its endpoint wakes it, however many deliveries there are.
        """
        now, woken, put_off = self._clock.now(), 0, 0
        broken: set[str] = set()
        for chunk in batched(self._selecting.pairs(selection), CHUNK, strict=False):
            waiting = [
                one.delivery
                for one in chunk
                if one.delivery is not None
                if not one.delivery.is_claimed(now) and not one.delivery.is_begun(now)
            ]
            parked = [one for one in waiting if one.parked and one.is_ready(now)]
            unstored = self._parking.expect({one.endpoint_id: now for one in parked})
            woken += sum(one.endpoint_id not in unstored for one in parked)
            others = [one for one in waiting if not one.parked or not one.is_ready(now)]
            rows = [
                one.put_off(until=now + timedelta(seconds=place / rate))
                for place, one in enumerate(others, start=put_off)
            ]
            put_off += len(rows)
            stored = self._store.write(rows)
            broken |= stored.broken
            woken += len(stored.written)
        self._require_sound(broken)
        return woken

    def _make_due(
        self,
        pairs: Sequence[Pair],
        audit: Replay,
        first: datetime,
        selection: Selection,
        broken: set[str],
    ) -> int:
        """Return how many are due by this replay, also by an earlier run that was interrupted.

        What changed meanwhile is checked again. Raises LedgerUnavailable.
        """
        made = 0
        left = list(pairs)
        for _ in range(CONFLICT_TRIES):
            broken |= self._kept(left)
            rows = [self._due(one, audit, first, place) for place, one in enumerate(left)]
            stored = self._store.write([row for row in rows if row is not None])
            broken |= stored.broken
            made += len(stored.written) + rows.count(None)
            overtaken = {each.attempted.key: each.stored for each in stored.conflicts}
            again = [one.having(overtaken[one.key]) for one in left if one.key in overtaken]
            left = [one for one in again if is_meant(one, selection)]
            if not left:
                return made
        raise LedgerUnavailable(
            f"some deliveries changed concurrently, {CONFLICT_TRIES} tries failed"
        )

    def _kept(self, pairs: Sequence[Pair]) -> frozenset[str]:
        """Give a row to events that only a page has; return the keys of those that get none."""
        events = {one.event.key: one.event for one in pairs if not one.event.revision}
        return self._store.write(list(events.values())).broken

    def _require_sound(self, unstored: set[str]) -> None:
        """Raise RowsBroken if anything could not be read or stored."""
        if broken := unstored | self._selecting.broken:
            raise RowsBroken(broken)

    def _due(self, one: Pair, audit: Replay, first: datetime, place: int) -> Delivery | None:
        """Return the delivery in the round of this replay, None if that was begun before."""
        at, now = first + timedelta(seconds=place / audit.rate), self._clock.now()
        if one.delivery is None:
            fresh = new_delivery(
                tenant=one.event.tenant,
                endpoint_id=one.endpoint.endpoint_id,
                event_id=one.event.event_id,
                detail_type=one.event.detail_type,
                now=now,
                sweep_after=AT_ONCE,
                replay_id=audit.replay_id,
            )
            return fresh.put_off(until=at)
        if one.delivery.was_sent_by(audit.replay_id):
            return None
        return one.delivery.replayed(replay_id=audit.replay_id, now=now, at=at)

    def _ended(self, audit: Replay, *, sent: int) -> Replay:
        row = self._store.read([audit.key]).get(audit.key)
        if not isinstance(row, Replay):
            raise LedgerUnavailable("the audit row of the replay is gone")
        ended = row.ended(sent=sent, now=self._clock.now())
        self._store.put(ended)
        return ended
