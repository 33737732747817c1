"""What rows wait for: due ones for work, each backlog swept by itself, and some for an operator."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from couponbus.domain.row import Row

if TYPE_CHECKING:
    from couponbus.domain.issuing.issuance import Issuance
    from couponbus.domain.webhooks.delivery import Delivery
    from couponbus.domain.webhooks.endpoint import Endpoint


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
    if row.unpublished:
        return Backlog.OUTBOX
    of_kind = BACKLOGS.get(_kind(row))
    return of_kind(row) if of_kind else Backlog.LOOKUPS


def attention_of(row: Row) -> Attention | None:
    """Return the kind of a row, None for nearly all rows."""
    of_kind = ATTENTIONS.get(_kind(row))
    return of_kind(row) if of_kind else None


def _kind(row: Row) -> str:
    return row.key.partition("#")[0]


def _of_issuance(row: "Issuance") -> str:
    if row.is_final:
        return TO_AUDIT
    needs_look_up = row.lookup_first or row.state == "REQUESTED"
    return Backlog.LOOKUPS if needs_look_up else Backlog.ISSUING


def _of_delivery(row: "Delivery") -> str:
    return parked_for(row.endpoint_id) if row.parked else Backlog.RETRIES


def _of_an_ambiguous(row: "Issuance") -> Attention | None:
    return Attention.AMBIGUOUS if row.state == "AMBIGUOUS" else None


def _of_an_endpoint(row: "Endpoint") -> Attention | None:
    return Attention.ENDPOINTS if row.state != "REMOVED" else None


# By the names of kinds: each function needs this page, and most of them few kinds of rows.
BACKLOGS: Mapping[str, Callable[..., str]] = {
    "ISSUANCE": _of_issuance,
    "BATCH": lambda _: Backlog.OUTBOX,
    "WATCH": lambda _: Backlog.POLLS,
    "DELIVERY": _of_delivery,
    "PARKING": lambda _: Backlog.RETRIES,
}
ATTENTIONS: Mapping[str, Callable[..., Attention | None]] = {
    "ISSUANCE": _of_an_ambiguous,
    "ENDPOINT": _of_an_endpoint,
}
