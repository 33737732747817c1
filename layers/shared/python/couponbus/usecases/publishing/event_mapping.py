"""Maps a decided row to its event: the same row always makes the same event."""

from typing import TypedDict

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.issuing.resolution import Resolution, ResolutionState
from couponbus.domain.issuing.unmatched_tally import UnmatchedTally
from couponbus.domain.masking import masked
from couponbus.domain.row import Row
from couponbus.events.barcodes import (
    AmbiguousData,
    BarcodeAmbiguous,
    BarcodeIssued,
    BarcodeRefused,
    RefusedData,
)
from couponbus.events.base import Metadata, PublishedEvent
from couponbus.events.sign_up_rejected import RejectedData, SignUpRejected
from couponbus.events.sign_up_unmatched import SignUpUnmatched, UnmatchedData
from couponbus.usecases.publishing.event_metadata import fields_of, metadata_of

UNKNOWN = "unknown"


class _Subject(TypedDict):
    """What an event says of the sign-up."""

    signup_id: str
    program: str
    account: str
    customer_ref: str
    dropped_fields: list[str]


def announcement(row: Row) -> PublishedEvent | None:
    """Return the event for the last outcome of a row, None if it has none."""
    match row:
        case Issuance(state=IssuanceState.ISSUED):
            return _issued(row)
        case Issuance(state=IssuanceState.AMBIGUOUS):
            return _ambiguous(row)
        case Issuance(state=IssuanceState.REJECTED) | Resolution(state=ResolutionState.REFUSED):
            return _refused(row)
        case Rejection() | UnmatchedTally():
            return _rejected(row) if isinstance(row, Rejection) else _unmatched(row)
        case _:
            return _met_elsewhere(row)


def _met_elsewhere(row: Row) -> PublishedEvent | None:
    """Load the events of polling and of endpoints with the first row of each."""
    if type(row).__name__ == "Endpoint":
        from couponbus.usecases.publishing.endpoint_events import endpoint_announcement  # noqa: PLC0415

        return endpoint_announcement(row)
    from couponbus.usecases.publishing.polling_events import poll_announcement  # noqa: PLC0415

    return poll_announcement(row)


def _issued(row: Issuance) -> PublishedEvent | None:
    if row.barcode is None or row.origin is None:
        return None
    data = {
        **_subject(row),
        "issuance_id": row.issuance_id,
        "offer_id": row.offer_id,
        "channel": row.channel.value,
        "tracking_code": row.tracking_code,
        "barcode_masked": masked(row.barcode.number),
        "expires_on": row.barcode.expires_on,
        "active": row.barcode.active,
        "origin": row.origin.value,
    }
    at = row.decided_at or row.trail[-1].at
    metadata = fields_of(row, BarcodeIssued, at=at, tenant=row.tenant, trace_id=row.trace_id)
    # Nearly all events are of this kind: one call of the validator instead of three.
    return BarcodeIssued.model_validate({"metadata": metadata, "data": data})


def _ambiguous(row: Issuance) -> PublishedEvent:
    data = AmbiguousData(
        **_subject(row),
        issuance_id=row.issuance_id,
        offer_id=row.offer_id,
        tracking_code=row.tracking_code,
        reason=row.reason or UNKNOWN,
        candidates_masked=[masked(number) for number in row.candidates],
    )
    return BarcodeAmbiguous(metadata=_metadata(row, BarcodeAmbiguous), data=data)


def _refused(row: Issuance | Resolution) -> PublishedEvent:
    data = RefusedData(
        **_subject(row),
        issuance_id=row.issuance_id if isinstance(row, Issuance) else None,
        offer_id=row.offer_id if isinstance(row, Issuance) else None,
        reason=row.reason or UNKNOWN,
    )
    return BarcodeRefused(metadata=_metadata(row, BarcodeRefused), data=data)


def _subject(row: Issuance | Resolution) -> _Subject:
    return {
        "signup_id": row.signup_id,
        "program": row.program,
        "account": row.account,
        "customer_ref": row.customer_ref,
        "dropped_fields": list(row.dropped_fields),
    }


def _metadata(row: Issuance | Resolution, event: type[PublishedEvent]) -> Metadata:
    at = row.decided_at or row.trail[-1].at
    return metadata_of(row, event, at=at, tenant=row.tenant, trace_id=row.trace_id)


def _rejected(row: Rejection) -> PublishedEvent:
    data = RejectedData(signup_id=row.signup_id, reason=row.reason, fields=list(row.fields))
    metadata = metadata_of(
        row, SignUpRejected, at=row.rejected_at, tenant=row.tenant, trace_id=row.trace_id
    )
    return SignUpRejected(metadata=metadata, data=data)


def _unmatched(row: UnmatchedTally) -> PublishedEvent | None:
    """Return the event with the figures as they were decided, without later counts."""
    report = row.report
    if report is None:
        return None
    data = UnmatchedData(
        origin=row.source,
        since=row.began_at,
        number=report.counted,
        kept=report.kept,
        signup_id=report.signup_id,
    )
    metadata = metadata_of(row, SignUpUnmatched, at=report.at, tenant=row.tenant)
    return SignUpUnmatched(metadata=metadata, data=data)
