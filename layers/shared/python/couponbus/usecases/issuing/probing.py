"""The probe of a provider in trouble, at the least risk."""

from dataclasses import dataclass
from datetime import datetime

from couponbus.domain.health import Health
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.rate_limit import Reservation
from couponbus.ports.issuing import Barcodes
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.rate_limited_calls import RateLimitedCalls

DIRECTLY = 4  # one of this many openings of the breaker is probed without a GET first


@dataclass(frozen=True, slots=True, kw_only=True)
class Probing:
    """A probe is a POST for one row: what it leaves in doubt must be looked up."""

    barcodes: Barcodes
    calls: RateLimitedCalls

    def may_post(self, issuance: Issuance, *, reservation: Reservation, run: Invocation) -> bool:
        """Send a harmless GET first; without an answer the breaker stays open for longer.

        Not each time: where only GETs fail, POSTs may still succeed.
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
