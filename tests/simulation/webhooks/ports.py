"""The other ports of sending in simulated time: the history, and endpoint rates."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from couponbus.domain import rate_limit
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.rate_limit import Limits, NoSlot, Pace, Reservation
from couponbus.domain.row import Row
from couponbus.ports.webhooks import EventIndexEntry
from tests.fakes.history import MemoryEventLog
from tests.simulation.faults import ERROR, LOST, UNANSWERED
from tests.simulation.ledger import SimulatedLedger
from tests.simulation.ports import SkewedClock
from tests.simulation.world import World


class _Indexed:
    """The past events of a ledger as its indexes show them."""

    def __init__(self, ledger: SimulatedLedger) -> None:
        self._ledger = ledger

    @property
    def rows(self) -> Mapping[str, Row]:
        found = {
            key: self._ledger.indexed(key)
            for key in self._ledger.rows
            if key.startswith(("EVENT#", "HISTORY#"))
        }
        return {key: row for key, row in found.items() if row is not None}


class SimulatedHistory:
    """The port History; it lags behind the ledger as the other indexes do."""

    def __init__(self, world: World, ledger: SimulatedLedger) -> None:
        self._world = world
        self._memory = MemoryEventLog(_Indexed(ledger))

    def between(self, *, since: datetime, until: datetime) -> Iterator[EventIndexEntry]:
        if self._world.call("history.between") == ERROR:
            raise LedgerUnavailable("history: ThrottlingException")
        yield from self._memory.between(since=since, until=until)


class SharedPaces:
    """The port EndpointPace, by the rules of the table's adapter."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._clock = SkewedClock(world)
        self._paces: dict[str, Pace] = {}

    def reserve(
        self, *, endpoint_id: str, per_second: int, calls: int, within: float
    ) -> Reservation | NoSlot:
        fault = self._world.call("pace.lease")
        if fault == LOST:
            raise LedgerUnavailable("update: ThrottlingException")
        granted = rate_limit.reserve(
            self._paces.get(endpoint_id, Pace()),
            account=endpoint_id,
            calls=calls,
            limits=Limits(calls_per_second=per_second),
            now=self._clock.now().timestamp(),
            within=within,
        )
        if not isinstance(granted, NoSlot):
            self._paces[endpoint_id], _ = granted
        self._world.answer(fault)
        if fault == UNANSWERED:
            raise LedgerUnavailable("update: ReadTimeoutError")
        return granted if isinstance(granted, NoSlot) else granted[1]
