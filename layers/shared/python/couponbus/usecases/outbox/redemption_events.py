"""From a redemption to the event of what was told of it last."""

from couponbus.domain.polling.recorded_redemption import LastEvent, RecordedRedemption
from couponbus.events.base import Metadata, PublishedEvent
from couponbus.events.redemptions import (
    RedemptionData,
    RedemptionRecorded,
    RedemptionReversed,
    RedemptionUpdated,
    ReversedData,
)
from couponbus.usecases.outbox.event_metadata import metadata_of


def redemption_announcement(row: RecordedRedemption) -> PublishedEvent | None:
    """Return the event that tells its last outcome, None for one that is nobody's news."""
    match row.last_event:
        case None:
            return None
        case LastEvent.REVERSED:
            data = ReversedData(**_facts(row), was_recorded=row.was_recorded)
            return RedemptionReversed(metadata=_metadata(row, RedemptionReversed), data=data)
        case LastEvent.RECORDED:
            event: type[RedemptionRecorded | RedemptionUpdated] = RedemptionRecorded
        case LastEvent.UPDATED:
            event = RedemptionUpdated
    return event(metadata=_metadata(row, event), data=RedemptionData(**_facts(row)))


def _facts(row: RecordedRedemption) -> dict[str, object]:
    value = row.value
    return {
        "provider": row.provider.value,
        "account": row.account,
        "program": row.program,
        "signup_id": row.signup_id,
        "customer_ref": row.customer_ref,
        "watch_id": row.watch_id,
        "promotion": row.promotion,
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
        # What was never recorded was there before the watch: it did not come after any look.
        "seen_after": row.seen_after if row.was_recorded else None,
        "seen_at": row.seen_at,
        "inferred": row.inferred,
    }


def _metadata(row: RecordedRedemption, event: type[PublishedEvent]) -> Metadata:
    at = row.seen_at if row.last_event is LastEvent.RECORDED else row.trail[-1].at
    return metadata_of(row, event, at=at, tenant=row.tenant)
