"""What due rows wait for: each backlog is swept for itself, none is read past another."""

from enum import StrEnum

from couponbus.domain.delivery import Delivery
from couponbus.domain.issuance import Issuance, IssuanceState
from couponbus.domain.row import Row
from couponbus.domain.watch import Watch


class Backlog(StrEnum):
    """In the order in which the sweeper turns to them."""

    TELLING = "TELLING"  # an outcome that the bus has not seen
    ISSUING = "ISSUING"  # a barcode that was not asked for
    LOOKUPS = "LOOKUPS"  # a barcode or a customer that the provider is to be asked about
    POLLS = "POLLS"
    RETRIES = "RETRIES"  # an attempt at an endpoint


def backlog_of(row: Row) -> Backlog:
    """Return the backlog in which a row waits while it is due."""
    if row.unpublished:
        return Backlog.TELLING
    match row:
        case Issuance(state=IssuanceState.PENDING):
            return Backlog.ISSUING
        case Watch():
            return Backlog.POLLS
        case Delivery():
            return Backlog.RETRIES
        case _:
            return Backlog.LOOKUPS
