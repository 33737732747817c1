"""The rate limiter of endpoints in memory, with the same rules as the table's."""

from couponbus.domain import rate_limit
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.rate_limit import Limits, NoSlot, Pace, Reservation
from couponbus.ports.shared import Clock


class MemoryEndpointPace:
    """One pace for each endpoint; those in `silent` raise LedgerUnavailable."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._paces: dict[str, Pace] = {}
        self.silent: set[str] = set()

    def reserve(
        self, *, endpoint_id: str, per_second: int, calls: int, within: float
    ) -> Reservation | NoSlot:
        if endpoint_id in self.silent:
            raise LedgerUnavailable(f"pace of {endpoint_id}: ReadTimeoutError")
        granted = rate_limit.reserve(
            self._paces.get(endpoint_id, Pace()),
            account=endpoint_id,
            calls=calls,
            limits=Limits(calls_per_second=per_second),
            now=self._clock.now().timestamp(),
            within=within,
        )
        if isinstance(granted, NoSlot):
            return granted
        self._paces[endpoint_id], reservation = granted
        return reservation
