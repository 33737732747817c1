"""The ports that every use case needs, with its timing."""

from dataclasses import dataclass

from couponbus.domain.timing import Timing
from couponbus.ports.shared import Clock, Ids, Ledger
from couponbus.usecases.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """The ports that every use case needs, with its timing."""

    ledger: Ledger
    clock: Clock
    ids: Ids
    timing: Timing

    @property
    def store(self) -> Store:
        """Return the store over the ledger, which makes its writes safe against lost answers."""
        return Store(ledger=self.ledger, ids=self.ids, clock=self.clock)
