"""How many deliveries of one tick those endpoints may have that let others wait."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from couponbus.domain.delivery import Delivery
from couponbus.domain.endpoint import Endpoint, endpoint_key
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.webhook import rest_of
from couponbus.ports import Clock
from couponbus.usecases.store import Store

TOGETHER = 300  # in a minute, which is about what the few workers of the second lane can try
LEAST = 10  # for each of them, one message: enough to find out that it is well again


class Allowance:
    """For one tick.

    What waits for endpoints that do not answer grows for days. Were all of it handed over, the
    retry of an endpoint that failed once would wait behind it, for hours.
    """

    def __init__(self, *, store: Store, clock: Clock) -> None:
        """Nobody has had anything yet."""
        self._store = store
        self._clock = clock
        self._known: dict[str, Endpoint | None] = {}
        self._given: Counter[str] = Counter()

    def beyond(self, deliveries: Sequence[Delivery]) -> Mapping[str, datetime]:
        """Return the keys of those for which no room is left, and when to look at each again."""
        self._learn({one.endpoint_id for one in deliveries})
        waiting = sum(one is not None and one.keeps_waiting for one in self._known.values())
        share = max(TOGETHER // max(waiting, 1), LEAST)
        put_off: dict[str, datetime] = {}
        for one in deliveries:
            endpoint = self._known.get(one.endpoint_id)
            if endpoint is None or not endpoint.keeps_waiting:
                continue
            if self._given[one.endpoint_id] < share:
                self._given[one.endpoint_id] += 1
            else:
                put_off[one.key] = self._later(one, endpoint)
        return put_off

    def _learn(self, endpoint_ids: set[str]) -> None:
        """Read who is not known yet; whom nobody can read now is not held back."""
        new = sorted(endpoint_ids - self._known.keys())
        self._known.update(dict.fromkeys(new))
        with suppress(LedgerUnavailable):
            rows = self._store.read([endpoint_key(one) for one in new])
            found = [row for row in rows.values() if isinstance(row, Endpoint)]
            self._known.update({row.endpoint_id: row for row in found})

    def _later(self, delivery: Delivery, endpoint: Endpoint) -> datetime:
        now = self._clock.now()
        since = endpoint.failing_since or endpoint.slow_since or now
        return now + rest_of(delivery_id=delivery.delivery_id, failing_since=since, now=now)
