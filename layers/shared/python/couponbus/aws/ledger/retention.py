"""The retention of each kind of row."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from couponbus.domain.row import Row

if TYPE_CHECKING:
    from couponbus.domain.inbound.receipt import Receipt
    from couponbus.domain.issuing.issuance import Issuance
    from couponbus.domain.issuing.issuing_batch import IssuingBatch
    from couponbus.domain.issuing.rejection import Rejection
    from couponbus.domain.issuing.resolution import Resolution
    from couponbus.domain.issuing.unmatched import UnmatchedSignUp
    from couponbus.domain.issuing.unmatched_tally import UnmatchedTally
    from couponbus.domain.polling.notice import Notice
    from couponbus.domain.polling.recorded_redemption import RecordedRedemption
    from couponbus.domain.polling.watch import Watch
    from couponbus.domain.webhooks.delivery import Delivery
    from couponbus.domain.webhooks.endpoint import Endpoint
    from couponbus.domain.webhooks.event_record import EventRecord
    from couponbus.domain.webhooks.history_page import HistoryPage
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
CLOSED = timedelta(days=7)  # `couponbus why` says when an event was published
REPEATED = timedelta(days=1)  # longer than any producer repeats a request
# The least for which a stage keeps decided issuances: longer than a watch lasts, than their events
# can be replayed, and than a backup reaches back.
DECIDED_LEAST = timedelta(days=400)
UNMATCHED = timedelta(days=7)  # personal data, perhaps without use: a weekend, and time to act


def kept_until(row: Row, *, decided: timedelta | None = None) -> datetime | None:
    """Return when a row may be deleted, None for one that is still needed.

    `decided` is how long the stage keeps decided issuances, None for ever.
    """
    until = EXPIRING.get(row.key.partition("#")[0])
    return until(row) if until else issuance_kept_until(row, decided=decided)


def issuance_kept_until(row: Row, *, decided: timedelta | None) -> datetime | None:
    """Return when a decided issuance may be deleted, None for any other row.

    One that is due, for its event or the audit, is still needed; one that was reopened is again.
    """
    if decided is None or not row.key.startswith("ISSUANCE#"):
        return None
    return _issuance(cast("Issuance", row), decided)


def _issuance(row: "Issuance", kept: timedelta) -> datetime | None:
    is_open = row.state not in ("ISSUED", "REJECTED") or row.due_at is not None or row.unpublished
    return None if is_open or row.decided_at is None else row.decided_at + kept


def _batch(row: "IssuingBatch") -> datetime | None:
    return row.closed_at + CLOSED if row.closed_at else None


def _rejection(row: "Rejection") -> datetime:
    return row.rejected_at + PUBLISHED


def _resolution(row: "Resolution") -> datetime | None:
    return row.decided_at + PUBLISHED if row.decided_at else None


def _unmatched(row: "UnmatchedSignUp") -> datetime:
    if row.decided_at is None:
        return row.arrived_at + UNMATCHED
    return row.decided_at + PUBLISHED


def _tally(row: "UnmatchedTally") -> datetime:
    return row.ends_at + PUBLISHED


def _notice(row: "Notice") -> datetime:
    return row.noticed_at + PUBLISHED


def _redemption(row: "RecordedRedemption") -> datetime:
    return _last_written(row, row.seen_at) + REDEEMED


def _watch(row: "Watch") -> datetime | None:
    return _last_written(row, row.ended_at) + WATCHED if row.ended_at else None


def _event(row: "EventRecord | HistoryPage") -> datetime:
    return row.event_at + PUBLISHED


def _delivery(row: "Delivery") -> datetime | None:
    return row.decided_at + DELIVERED if row.decided_at else None


def _endpoint(row: "Endpoint") -> datetime | None:
    # Longer than deliveries of its EndpointDisabled: no later one has the same id.
    if row.state != "REMOVED" or row.changed_at is None:
        return None
    return row.changed_at + AUDITED


def _replay(row: "Replay") -> datetime:
    return row.began_at + AUDITED


def _receipt(row: "Receipt") -> datetime:
    return row.received_at + REPEATED


def _last_written(row: Row, at: datetime) -> datetime:
    moments = (at, row.published_at, row.trail[-1].at if row.trail else None)
    return max(each for each in moments if each is not None)


# By the names of kinds, as a function loads no kinds that it never has.
EXPIRING: Mapping[str, Callable[..., datetime | None]] = {
    "BATCH": _batch,
    "REJECTION": _rejection,
    "UNMATCHED": _unmatched,
    "TALLY": _tally,
    "RESOLUTION": _resolution,
    "NOTICE": _notice,
    "REDEMPTION": _redemption,
    "WATCH": _watch,
    "EVENT": _event,
    "HISTORY": _event,
    "DELIVERY": _delivery,
    "ENDPOINT": _endpoint,
    "REPLAY": _replay,
    "RECEIPT": _receipt,
}
