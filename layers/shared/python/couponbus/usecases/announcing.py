"""From a decided row to its event: the same row always makes the same event."""

from couponbus.domain.barcode import masked
from couponbus.domain.identity import event_id
from couponbus.domain.issuance import Issuance, IssuanceState
from couponbus.domain.rejection import Rejection
from couponbus.domain.resolution import Resolution
from couponbus.domain.row import Row
from couponbus.events.barcodes import (
    AmbiguousData,
    BarcodeAmbiguous,
    BarcodeIssued,
    BarcodeRefused,
    IssuedData,
    RefusedData,
)
from couponbus.events.base import Metadata, PublishedEvent
from couponbus.events.sign_up_rejected import RejectedData, SignUpRejected


def announcement(row: Row) -> PublishedEvent | None:
    """Return the event that tells the last outcome of a row, None if there is none to tell."""
    if isinstance(row, Issuance):
        return _of_issuance(row)
    if isinstance(row, Resolution):
        return _of_resolution(row)
    if isinstance(row, Rejection):
        return _of_rejection(row)
    return None


def _metadata(row: Issuance | Resolution | Rejection, event: type[PublishedEvent]) -> Metadata:
    decided = row.rejected_at if isinstance(row, Rejection) else row.decided_at
    return Metadata(
        id=event_id(entity=row.key, detail_type=event.detail_type, version=row.outcomes),
        version=event.version,
        sequence=row.outcomes,
        occurred_at=decided or row.trail[-1].at,
        tenant=row.tenant,
    )


def _of_issuance(row: Issuance) -> PublishedEvent | None:
    if row.state is IssuanceState.ISSUED:
        return _issued(row)
    if row.state is IssuanceState.REJECTED:
        return BarcodeRefused(
            metadata=_metadata(row, BarcodeRefused),
            data=RefusedData(
                signup_id=row.signup_id,
                program=row.program,
                account=row.account,
                customer_ref=row.customer_ref,
                issuance_id=row.issuance_id,
                offer_id=row.offer_id,
                reason=row.reason or "unknown",
            ),
        )
    if row.state is IssuanceState.AMBIGUOUS:
        return BarcodeAmbiguous(
            metadata=_metadata(row, BarcodeAmbiguous),
            data=AmbiguousData(
                signup_id=row.signup_id,
                program=row.program,
                account=row.account,
                customer_ref=row.customer_ref,
                issuance_id=row.issuance_id,
                offer_id=row.offer_id,
                tracking_code=row.tracking_code,
                reason=row.reason or "unknown",
                candidates_masked=[masked(number) for number in row.candidates],
            ),
        )
    return None


def _issued(row: Issuance) -> PublishedEvent | None:
    if row.barcode is None or row.origin is None:
        return None
    return BarcodeIssued(
        metadata=_metadata(row, BarcodeIssued),
        data=IssuedData(
            signup_id=row.signup_id,
            program=row.program,
            account=row.account,
            customer_ref=row.customer_ref,
            issuance_id=row.issuance_id,
            offer_id=row.offer_id,
            channel=row.channel.value,
            tracking_code=row.tracking_code,
            barcode_masked=masked(row.barcode.number),
            expires_on=row.barcode.expires_on,
            active=row.barcode.active,
            origin=row.origin.value,
        ),
    )


def _of_resolution(row: Resolution) -> PublishedEvent:
    return BarcodeRefused(
        metadata=_metadata(row, BarcodeRefused),
        data=RefusedData(
            signup_id=row.signup_id,
            program=row.program,
            account=row.account,
            customer_ref=row.customer_ref,
            issuance_id=None,
            offer_id=None,
            reason=row.reason or "unknown",
        ),
    )


def _of_rejection(row: Rejection) -> PublishedEvent:
    return SignUpRejected(
        metadata=_metadata(row, SignUpRejected),
        data=RejectedData(signup_id=row.signup_id, reason=row.reason, fields=list(row.fields)),
    )
