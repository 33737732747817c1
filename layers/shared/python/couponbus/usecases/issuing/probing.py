"""Finding out whether a provider in trouble is well again, at the least risk."""

from dataclasses import dataclass
from datetime import datetime

from couponbus.domain.health import Health
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.rate_limit import Reservation
from couponbus.ports.issuing import Barcodes
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.rate_limited_calls import RateLimitedCalls

DIRECTLY = 4  # so many openings of the breaker to one probe without a question before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Probing:
    """A probe is a POST for one row: what it leaves in doubt must be looked up."""

    barcodes: Barcodes
    calls: RateLimitedCalls

    def may_post(self, issuance: Issuance, *, reservation: Reservation, run: Invocation) -> bool:
        """Ask a harmless question first; without an answer the breaker stays open for longer.

        Not each time: where only questions fail, a barcode can be had all the same.
        """
        if reservation.openings % DIRECTLY == 0:
            return True

        def find(until: datetime) -> object:
            return self.barcodes.find(
                account=issuance.account, request=issuance.request, deadline=until
            )

        if self.calls.is_answered(issuance.account, find, run=run):
            return True
        self.calls.limiter.report(reservation=reservation, health=Health.FAILING, retry_after=None)
        return False
