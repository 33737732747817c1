"""Parks by endpoint the deliveries that may not be tried now, so that none is forgotten."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.row import Row
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.parking import Parking, parking_key
from couponbus.usecases.store import CONFLICT_TRIES, Store, Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkingDeliveries:
    """Makes the row due that wakes deliveries, then parks them.

    In the other order a crash in between would leave deliveries that no tick ever finds.
    """

    store: Store

    def write(self, rows: Sequence[Row]) -> Stored[Row]:
        """Store rows as `Store.write` does, parked ones among them. Raises LedgerUnavailable.

        Those that were to be parked behind a row that cannot be read or stored are broken too.
        """
        soonest: dict[str, datetime] = {}
        for row in rows:
            if isinstance(row, Delivery) and row.parked and row.due_at is not None:
                soonest[row.endpoint_id] = min(row.due_at, soonest.get(row.endpoint_id, row.due_at))
        unstored = self.expect(soonest)
        unparked = frozenset(row.key for row in rows if _is_parked_for(row, unstored))
        stored = self.store.write([row for row in rows if row.key not in unparked])
        return replace(stored, broken=stored.broken | unparked)

    def expect(self, soonest: Mapping[str, datetime]) -> Set[str]:
        """Make the waking row of each endpoint due at its moment in `soonest`, or before.

        Returns the endpoints whose row is broken: what is parked for them is not woken. Raises
        LedgerUnavailable.
        """
        unstored: set[str] = set()
        for _ in range(CONFLICT_TRIES):
            rows = self.store.read([parking_key(one) for one in soonest])
            unstored |= {one for one in soonest if parking_key(one) in rows.broken}
            changed = []
            for endpoint_id, at in soonest.items():
                if endpoint_id in unstored:
                    continue
                row = rows.get(parking_key(endpoint_id))
                parking = row if isinstance(row, Parking) else Parking(parking_id=endpoint_id)
                if not parking.expects(at):
                    changed.append(parking.expecting(at))
            stored = self.store.write(changed)
            unstored |= {one.endpoint_id for one in stored.unstored_of(changed)}
            overtaken = {each.attempted.key for each in stored.conflicts}
            soonest = {one: at for one, at in soonest.items() if parking_key(one) in overtaken}
            if not soonest:
                return unstored
        raise LedgerUnavailable(
            f"rows that wake parked deliveries changed concurrently, {CONFLICT_TRIES} tries failed",
            code="write:contended",
        )


def _is_parked_for(row: Row, endpoint_ids: Set[str]) -> bool:
    return isinstance(row, Delivery) and row.parked and row.endpoint_id in endpoint_ids
