"""From what polling has found out to its event: redemptions, notices, stocks, and the end."""

from couponbus.domain.polling.notice import Notice
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.stock import LOW, Stock
from couponbus.domain.polling.watch import Watch, WatchState
from couponbus.domain.row import Row
from couponbus.events.base import PublishedEvent
from couponbus.events.offers import OfferStockLow, StockData
from couponbus.events.watches import EndedData, WatchEnded
from couponbus.usecases.outbox.event_metadata import metadata_of
from couponbus.usecases.outbox.notice_events import notice_announcement
from couponbus.usecases.outbox.redemption_events import redemption_announcement

UNKNOWN = "unknown"


def poll_announcement(row: Row) -> PublishedEvent | None:
    """Return the event that tells the last outcome of a row, None if there is none to tell."""
    match row:
        case RecordedRedemption():
            return redemption_announcement(row)
        case Notice():
            return notice_announcement(row)
        case Stock(is_low=True):
            return _low(row)
        case Watch(state=WatchState.ENDED):
            return _ended(row)
        case _:
            return None


def _low(row: Stock) -> PublishedEvent:
    data = StockData(
        provider=row.provider.value,
        account=row.account,
        offer_id=row.offer_id,
        left=row.left,
        threshold=LOW,
    )
    metadata = metadata_of(row, OfferStockLow, at=row.seen_at, tenant=row.tenant)
    return OfferStockLow(metadata=metadata, data=data)


def _ended(row: Watch) -> PublishedEvent:
    data = EndedData(
        provider=row.provider.value,
        account=row.account,
        program=row.program,
        signup_id=row.signup_id,
        customer_ref=row.customer_ref,
        watch_id=row.watch_id,
        promotion=row.promotion,
        reason=row.reason or UNKNOWN,
        recorded=row.recorded,
    )
    at = row.ended_at or row.trail[-1].at
    return WatchEnded(metadata=metadata_of(row, WatchEnded, at=at, tenant=row.tenant), data=data)
