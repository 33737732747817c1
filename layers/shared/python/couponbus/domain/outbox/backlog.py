"""What rows wait for: due ones for work, each backlog swept by itself, and some for an operator."""

from enum import StrEnum

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.issuing_batch import IssuingBatch
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.domain.webhooks.parking import Parking


class Backlog(StrEnum):
    """In the order in which the sweeper reads them; one letter, because each due row has it."""

    OUTBOX = "O"  # an outcome that did not reach the bus, or a batch that may hold some
    ISSUING = "I"  # a barcode that was not requested
    LOOKUPS = "L"  # a barcode or a customer that is to be looked up
    POLLS = "P"
    RETRIES = "R"  # an attempt at an endpoint


class Attention(StrEnum):
    """What an operator is asked about; a row leaves its kind with the write that settles it."""

    AMBIGUOUS = "ambiguous"  # issuances that wait for `couponbus resolve`
    ENDPOINTS = "endpoints"  # all that are not removed, whatever their state


TO_AUDIT = "A"  # decided, published, and once in doubt; the sweeper does not read it


def parked_for(endpoint_id: str) -> str:
    """Return the backlog of an endpoint's parked deliveries, which only its `Parking` wakes."""
    return f"@{endpoint_id}"


def backlog_of(row: Row) -> str:
    """Return the backlog of a row while it is due: a `Backlog`, TO_AUDIT, or one by endpoint."""
    if row.unpublished or isinstance(row, IssuingBatch):
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
    needs_look_up = row.lookup_first or row.state is IssuanceState.REQUESTED
    return Backlog.LOOKUPS if needs_look_up else Backlog.ISSUING


def attention_of(row: Row) -> Attention | None:
    """Return the kind of a row, None for nearly all rows."""
    match row:
        case Issuance(state=IssuanceState.AMBIGUOUS):
            return Attention.AMBIGUOUS
        case Endpoint(state=state) if state is not EndpointState.REMOVED:
            return Attention.ENDPOINTS
        case _:
            return None
