"""Deliveries that may not be tried now are parked by endpoint, and none is forgotten there."""

from collections.abc import Sequence
from datetime import datetime

from couponbus.domain.delivery import Delivery
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.parking import Parking, parking_key
from couponbus.domain.row import Row
from couponbus.usecases.store import Store, Stored

TRIES = 3


class ParkingDeliveries:
    """First the row that wakes them is due in time, then they are parked.

    In the other order a crash in between would leave deliveries that no tick ever finds.
    """

    def __init__(self, *, store: Store) -> None:
        """Park in this ledger."""
        self._store = store

    def write(self, rows: Sequence[Row]) -> Stored:
        """Store rows as `Store.write` does, parked ones among them. Raises LedgerUnavailable."""
        soonest: dict[str, datetime] = {}
        for row in rows:
            if isinstance(row, Delivery) and row.parked and row.due_at is not None:
                soonest[row.endpoint_id] = min(row.due_at, soonest.get(row.endpoint_id, row.due_at))
        self._expect(soonest)
        return self._store.write(rows)

    def _expect(self, soonest: dict[str, datetime]) -> None:
        for _ in range(TRIES):
            rows = self._store.read([parking_key(one) for one in soonest])
            changed = []
            for endpoint_id, at in soonest.items():
                row = rows.get(parking_key(endpoint_id))
                parking = row if isinstance(row, Parking) else Parking(parking_id=endpoint_id)
                if not parking.expects(at):
                    changed.append(parking.expecting(at))
            overtaken = {each.attempted.key for each in self._store.write(changed).conflicts}
            soonest = {one: at for one, at in soonest.items() if parking_key(one) in overtaken}
            if not soonest:
                return
        raise LedgerUnavailable("the row that wakes parked deliveries changes all the time")
