"""Until when the table keeps a row."""

from datetime import datetime, timedelta

from couponbus.domain.notice import Notice
from couponbus.domain.recorded_redemption import RecordedRedemption
from couponbus.domain.rejection import Rejection
from couponbus.domain.resolution import Resolution
from couponbus.domain.row import Row
from couponbus.domain.watch import Watch

TOLD = timedelta(days=90)
# A redemption is known again for as long as a watch can last, which is 366 days.
REDEEMED = timedelta(days=400)
# A watch counts its rounds, and names what Koupon counts by them: if a later one began with the
# first round again while redemptions of the old one are kept, its own would be taken for those.
# A month more, because the table deletes late and in no order.
WATCHED = REDEEMED + timedelta(days=30)
EXPIRING = frozenset((Rejection, Resolution, Notice, RecordedRedemption, Watch))


def kept_until(row: Row) -> datetime | None:
    """Return when a row may be deleted, None for one that is needed."""
    match row:
        case Rejection():
            since, kept = row.rejected_at, TOLD
        case Resolution(decided_at=datetime() as decided_at):
            since, kept = decided_at, TOLD
        case Notice():
            since, kept = row.noticed_at, TOLD
        case RecordedRedemption():
            since, kept = _last_written(row, row.seen_at), REDEEMED
        case Watch(ended_at=datetime() as ended_at):
            since, kept = _last_written(row, ended_at), WATCHED
        case _:
            return None
    return since + kept


def _last_written(row: Row, at: datetime) -> datetime:
    moments = (at, row.published_at, row.trail[-1].at if row.trail else None)
    return max(each for each in moments if each is not None)
