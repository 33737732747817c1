"""What every use case stands on."""

from dataclasses import dataclass

from couponbus.domain.timing import Timing
from couponbus.ports.shared import Clock, Ids, Ledger
from couponbus.usecases.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """What every use case stands on."""

    ledger: Ledger
    clock: Clock
    ids: Ids
    timing: Timing

    @property
    def store(self) -> Store:
        """Return the ledger, made safe against lost answers."""
        return Store(ledger=self.ledger, ids=self.ids, clock=self.clock)
