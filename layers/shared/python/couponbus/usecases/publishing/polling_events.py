"""Maps the rows of polling to their events: redemptions, notices, stocks, ended watches."""

from collections.abc import Callable, Mapping
from datetime import UTC

from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.domain.polling.recorded_redemption import LastEvent, RecordedRedemption
from couponbus.domain.polling.snapshot import NO_VIEW
from couponbus.domain.polling.stock import LOW, Stock
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.row import Row
from couponbus.events.base import Metadata, PublishedEvent
from couponbus.events.offers import (
    BarcodeExpiring,
    CodeValidityChanged,
    ExpiringData,
    NewOfferData,
    OfferAvailable,
    OfferEnded,
    OfferEndedData,
    OfferStockLow,
    StockData,
    ValidityData,
)
from couponbus.events.redemptions import (
    RedemptionData,
    RedemptionRecorded,
    RedemptionReversed,
    RedemptionUpdated,
    ReversedData,
)
from couponbus.events.watches import (
    BudgetData,
    EndedData,
    FirstPollLate,
    LateData,
    PollingBudgetExceeded,
    WatchEnded,
)
from couponbus.usecases.publishing.event_metadata import metadata_of

UNKNOWN = "unknown"


def poll_announcement(row: Row) -> PublishedEvent | None:
    """Return the event for the last outcome of a row, None if it has none."""
    match row:
        case RecordedRedemption():
            return redemption_announcement(row)
        case Notice():
            return notice_announcement(row)
        case Stock(is_low=True):
            return _low(row)
        case Watch(state=WatchState.ENDED):
            return _watch_ended(row)
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


def _watch_ended(row: Watch) -> PublishedEvent:
    data = EndedData(**_subject(row), reason=row.reason or UNKNOWN, recorded=row.recorded)
    at = row.ended_at or row.trail[-1].at
    metadata = metadata_of(row, WatchEnded, at=at, tenant=row.tenant, trace_id=row.trace_id)
    return WatchEnded(metadata=metadata, data=data)


def notice_announcement(row: Notice) -> PublishedEvent | None:
    """Return the event of a notice, None if the notice lacks what the event needs."""
    if row.kind is NoticeKind.BUDGET_EXCEEDED:
        return _exceeded(row)
    if None in (row.watch_id, row.program, row.signup_id, row.customer_ref):
        return None
    return _OF_A_WATCH[row.kind](row)


def _available(row: Notice) -> PublishedEvent:
    view = row.view or NO_VIEW
    data = NewOfferData(
        **_subject(row),
        offer_id=row.offer_id,
        ends_at=row.ends_at,
        title=view.title,
        style=view.style,
        image_url=view.image_url,
        starts_at=view.starts_at,
        client_id=view.client_id,
    )
    return OfferAvailable(metadata=_noticed(row, OfferAvailable), data=data)


def _ended(row: Notice) -> PublishedEvent:
    data = OfferEndedData(
        **_subject(row),
        offer_id=row.offer_id,
        ends_at=row.ends_at,
        reason=row.reason or UNKNOWN,
        inferred=row.inferred,
    )
    return OfferEnded(metadata=_noticed(row, OfferEnded), data=data)


def _expiring(row: Notice) -> PublishedEvent | None:
    if row.ends_at is None:
        return None
    data = ExpiringData(**_subject(row), offer_id=row.offer_id, expires_at=row.ends_at)
    return BarcodeExpiring(metadata=_noticed(row, BarcodeExpiring), data=data)


def _began_late(row: Notice) -> PublishedEvent | None:
    if row.started_at is None or row.set_aside is None:
        return None
    data = LateData(
        **_subject(row),
        started_at=row.started_at,
        first_poll_at=row.noticed_at,
        set_aside=row.set_aside,
    )
    return FirstPollLate(metadata=_noticed(row, FirstPollLate), data=data)


def _validity(row: Notice) -> PublishedEvent:
    errors = [int(one) for one in row.errors]
    data = ValidityData(**_subject(row), offer_id=row.offer_id, errors=errors)
    return CodeValidityChanged(metadata=_noticed(row, CodeValidityChanged), data=data)


def _exceeded(row: Notice) -> PublishedEvent | None:
    if row.calls_due is None:
        return None
    data = BudgetData(
        provider=row.provider.value,
        account=row.account,
        day=row.noticed_at.astimezone(UTC).date(),
        calls_allowed=row.calls_allowed,
        calls_due=row.calls_due,
        rest_kept=row.rest_kept,
    )
    return PollingBudgetExceeded(metadata=_noticed(row, PollingBudgetExceeded), data=data)


def _noticed(row: Notice, event: type[PublishedEvent]) -> Metadata:
    return metadata_of(row, event, at=row.noticed_at, tenant=row.tenant, trace_id=row.trace_id)


def redemption_announcement(row: RecordedRedemption) -> PublishedEvent | None:
    """Return the event for the last outcome of a redemption, None if none is published."""
    match row.last_event:
        case None:
            return None
        case LastEvent.REVERSED:
            data = ReversedData(**_facts(row), was_recorded=row.was_recorded)
            return RedemptionReversed(metadata=_redeemed(row, RedemptionReversed), data=data)
        case LastEvent.RECORDED:
            event: type[RedemptionRecorded | RedemptionUpdated] = RedemptionRecorded
        case LastEvent.UPDATED:
            event = RedemptionUpdated
    return event(metadata=_redeemed(row, event), data=RedemptionData(**_facts(row)))


def _facts(row: RecordedRedemption) -> dict[str, object]:
    value = row.value
    return {
        **_subject(row),
        "redemption_id": row.redemption_id,
        "native_id": row.native_id,
        "ordinal": row.ordinal,
        "offer_id": row.offer_id,
        "merchant_id": row.merchant_id,
        "code_masked": row.code_masked,
        "order_value": value.order_value,
        "discount_value": value.discount_value,
        "currency": value.currency,
        "redeemed_at": value.redeemed_at,
        "redeemed_at_raw": value.redeemed_raw,
        "tz_assumed": value.tz_assumed,
        # What was never recorded was there before the watch: it did not follow any poll.
        "seen_after": row.seen_after if row.was_recorded else None,
        "seen_at": row.seen_at,
        "inferred": row.inferred,
        "order_id": value.order_id,
        "distributor_id": value.distributor_id,
        "tags": list(value.tags),
    }


def _redeemed(row: RecordedRedemption, event: type[PublishedEvent]) -> Metadata:
    at = row.seen_at if row.last_event is LastEvent.RECORDED else row.trail[-1].at
    return metadata_of(row, event, at=at, tenant=row.tenant, trace_id=row.trace_id)


def _subject(row: Notice | RecordedRedemption | Watch) -> dict[str, str | None]:
    return {
        "provider": row.provider.value,
        "account": row.account,
        "program": row.program,
        "signup_id": row.signup_id,
        "customer_ref": row.customer_ref,
        "watch_id": row.watch_id,
        "promotion": row.promotion,
    }


_OF_A_WATCH: Mapping[NoticeKind, Callable[[Notice], PublishedEvent | None]] = {
    NoticeKind.OFFER_AVAILABLE: _available,
    NoticeKind.OFFER_ENDED: _ended,
    NoticeKind.BARCODE_EXPIRING: _expiring,
    NoticeKind.FIRST_POLL_LATE: _began_late,
    NoticeKind.CODE_VALIDITY_CHANGED: _validity,
}
