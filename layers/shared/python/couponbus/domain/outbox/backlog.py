"""What due rows wait for: each backlog is swept for itself, none is read past another."""

from enum import StrEnum

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.parking import Parking


class Backlog(StrEnum):
    """In the order in which the sweeper turns to them; a letter, because each due row has it."""

    OUTBOX = "O"  # an outcome that the bus has not seen
    ISSUING = "I"  # a barcode that was not asked for
    LOOKUPS = "L"  # a barcode or a customer that the provider is to be asked about
    POLLS = "P"
    RETRIES = "R"  # an attempt at an endpoint


TO_AUDIT = "A"  # decided, published, and once in doubt; not the sweeper's, which takes a `Backlog`


def parked_for(endpoint_id: str) -> str:
    """Return where deliveries wait for their endpoint: the sweeper turns to it only when woken."""
    return f"@{endpoint_id}"


def backlog_of(row: Row) -> str:
    """Return where a row waits while it is due: a `Backlog`, TO_AUDIT, or by endpoint."""
    if row.unpublished:
        return Backlog.OUTBOX
    match row:
        case Issuance():
            return _of_issuance(row)
        case Watch():
            return Backlog.POLLS
        case Delivery(parked=True, endpoint_id=endpoint_id):
            return parked_for(endpoint_id)
        case Delivery() | Parking():
            return Backlog.RETRIES
        case _:
            return Backlog.LOOKUPS


def _of_issuance(row: Issuance) -> str:
    if row.is_final:
        return TO_AUDIT
    is_asked_about = row.lookup_first or row.state is IssuanceState.REQUESTED
    return Backlog.LOOKUPS if is_asked_about else Backlog.ISSUING
