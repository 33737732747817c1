"""The events about sign-ups that got no further: they cannot be used, or no program wants them."""

from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.issuing.unmatched_tally import UnmatchedTally
from couponbus.events.base import PublishedEvent
from couponbus.events.sign_up_rejected import RejectedData, SignUpRejected
from couponbus.events.sign_up_unmatched import SignUpUnmatched, UnmatchedData
from couponbus.usecases.outbox.event_metadata import metadata_of


def sign_up_announcement(row: Rejection | UnmatchedTally) -> PublishedEvent | None:
    """Return the event that tells the last outcome of a row, None if there is none to tell."""
    if isinstance(row, Rejection):
        return _rejected(row)
    return _unmatched(row)


def _rejected(row: Rejection) -> PublishedEvent:
    data = RejectedData(signup_id=row.signup_id, reason=row.reason, fields=list(row.fields))
    metadata = metadata_of(row, SignUpRejected, at=row.rejected_at, tenant=row.tenant)
    return SignUpRejected(metadata=metadata, data=data)


def _unmatched(row: UnmatchedTally) -> PublishedEvent | None:
    """Tell the figures as they were decided, whatever was counted since."""
    telling = row.telling
    if telling is None:
        return None
    data = UnmatchedData(
        origin=row.source,
        since=row.began_at,
        number=telling.counted,
        kept=telling.kept,
        signup_id=telling.signup_id,
    )
    metadata = metadata_of(row, SignUpUnmatched, at=telling.at, tenant=row.tenant)
    return SignUpUnmatched(metadata=metadata, data=data)
