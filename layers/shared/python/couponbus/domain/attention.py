"""Which rows an operator can be asked about without reading the table."""

from enum import StrEnum

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.row import Row
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState


class Attention(StrEnum):
    """The kinds of such rows: a row leaves its kind with the write that settles it."""

    AMBIGUOUS = "ambiguous"  # issuances that wait for `couponbus resolve`
    ENDPOINTS = "endpoints"  # all that are not removed, whatever their state


def attention_of(row: Row) -> Attention | None:
    """Return the kind of a row, None for nearly all rows."""
    match row:
        case Issuance(state=IssuanceState.AMBIGUOUS):
            return Attention.AMBIGUOUS
        case Endpoint(state=state) if state is not EndpointState.REMOVED:
            return Attention.ENDPOINTS
        case _:
            return None
