"""The retention of each kind of row."""

from datetime import datetime, timedelta

from couponbus.domain.inbound.receipt import Receipt
from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus.domain.issuing.unmatched_tally import UnmatchedTally
from couponbus.domain.polling.notice import Notice
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.domain.webhooks.replay import Replay

PUBLISHED = timedelta(days=90)
# A redemption must be recognised as long as a watch can last, which is 366 days.
REDEEMED = timedelta(days=400)
# The redemptions that Koupon counts are named by the round of their watch. If a later watch began
# with the first round again while redemptions of the old one are kept, its own would be mistaken
# for them. A month more, because the table deletes late and in no order.
WATCHED = REDEEMED + timedelta(days=30)
# A published event can be replayed until it expires; a delivery expires after its event.
DELIVERED = PUBLISHED + timedelta(days=30)
AUDITED = timedelta(days=400)
REPEATED = timedelta(days=1)  # longer than any producer repeats a request
UNMATCHED = timedelta(days=7)  # personal data, perhaps without use: a weekend, and time to act
EXPIRING = frozenset(
    (
        Rejection,
        UnmatchedSignUp,
        UnmatchedTally,
        Resolution,
        Notice,
        RecordedRedemption,
        Watch,
        EventRecord,
        Delivery,
        Endpoint,
        Replay,
        Receipt,
    )
)


def kept_until(row: Row) -> datetime | None:
    """Return when a row may be deleted, None for one that is still needed."""
    match row:
        case Rejection():
            since, kept = row.rejected_at, PUBLISHED
        case Resolution(decided_at=datetime() as decided_at):
            since, kept = decided_at, PUBLISHED
        case UnmatchedSignUp() | UnmatchedTally():
            return _unmatched_kept_until(row)
        case Notice():
            since, kept = row.noticed_at, PUBLISHED
        case RecordedRedemption():
            since, kept = _last_written(row, row.seen_at), REDEEMED
        case Watch(ended_at=datetime() as ended_at):
            since, kept = _last_written(row, ended_at), WATCHED
        case _:
            return _webhook_kept_until(row)
    return since + kept


def _unmatched_kept_until(row: UnmatchedSignUp | UnmatchedTally) -> datetime:
    if isinstance(row, UnmatchedTally):
        return row.ends_at + PUBLISHED
    if row.decided_at is None:
        return row.arrived_at + UNMATCHED
    return row.decided_at + PUBLISHED


def _webhook_kept_until(row: Row) -> datetime | None:
    match row:
        case EventRecord():
            return row.event_at + PUBLISHED
        case Delivery(decided_at=datetime() as decided_at):
            return decided_at + DELIVERED
        case Endpoint(state=EndpointState.REMOVED, changed_at=datetime() as removed_at):
            # Longer than deliveries of its EndpointDisabled: no later one has the same id.
            return removed_at + AUDITED
        case Replay():
            return row.began_at + AUDITED
        case Receipt():
            return row.received_at + REPEATED
        case _:
            return None


def _last_written(row: Row, at: datetime) -> datetime:
    moments = (at, row.published_at, row.trail[-1].at if row.trail else None)
    return max(each for each in moments if each is not None)
