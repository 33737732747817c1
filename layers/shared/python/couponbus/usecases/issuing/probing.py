"""Finding out whether a provider in trouble is well again, at the least risk."""

from datetime import datetime

from couponbus.domain.health import Health
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.rate_limit import Reservation
from couponbus.ports.issuing import Barcodes
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.issuing.lookups import Lookups
from couponbus.usecases.issuing.turns import Turns

DIRECTLY = 4  # so many openings of the breaker to one probe without a question before it


class Probing:
    """A probe is a POST for one row: what it leaves in doubt must be looked up."""

    def __init__(self, *, barcodes: Barcodes, lookups: Lookups, turns: Turns) -> None:
        """Ask by these questions."""
        self._barcodes = barcodes
        self._lookups = lookups
        self._turns = turns

    def may_post(self, issuance: Issuance, *, reservation: Reservation, run: Invocation) -> bool:
        """Ask a harmless question first; without an answer the breaker stays open for longer.

        Not each time: where only questions fail, a barcode can be had all the same.
        """
        if reservation.openings % DIRECTLY == 0:
            return True

        def find(until: datetime) -> object:
            return self._barcodes.find(
                account=issuance.account, request=issuance.request, deadline=until
            )

        if self._lookups.is_answered(issuance.account, find, run=run):
            return True
        self._turns.report(reservation, health=Health.FAILING, retry_after=None)
        return False
