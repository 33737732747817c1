"""Bugs about what is parked, and what resumes it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from couponbus.domain.copying import replace
from couponbus.domain.row import Row
from couponbus.domain.webhooks import parking as parkings
from couponbus.domain.webhooks.parking import Parking
from couponbus.usecases.store import Stored
from couponbus.usecases.webhooks.park_deliveries import ParkingDeliveries
from couponbus.usecases.webhooks.wake_parked import WakeParked, Woken
from tests.simulation.mutant import Mutant, Patch


def _unexpected(self: ParkingDeliveries, rows: Sequence[Row]) -> Stored[Row]:
    return self.store.write(rows)


def _over(self: WakeParked, parking: Parking) -> Parking:
    return replace(parking, due_at=None)


def _asleep(self: WakeParked, parking: Parking, rows: Mapping[str, Row], *, share: int) -> Woken:
    return Woken(parking=parking.resting(until=self.clock.now() + parkings.LONGEST_PAUSE))


def _in_time(self: Parking, at: datetime) -> bool:
    return self.due_at is not None


MUTANTS_OF_PARKING = (
    Mutant(
        name="what is parked is expected by nothing",
        shows=("W1", "W9"),
        patches=(Patch(ParkingDeliveries, "write", _unexpected),),
    ),
    Mutant(
        name="the row that wakes ends while something is parked for later",
        shows=("W1", "W6"),
        patches=(Patch(WakeParked, "_idle", _over),),
    ),
    Mutant(
        name="nothing that is parked is ever woken",
        shows=("W1", "W6", "W9"),
        patches=(Patch(WakeParked, "_wake_one", _asleep),),
    ),
    Mutant(
        name="what is parked sooner than the row is due waits for it",
        shows=("W6", "W9"),
        patches=(Patch(Parking, "expects", _in_time),),
    ),
)
