"""From a notice to its event; a notice without what its event needs is not told."""

from datetime import UTC

from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.events.base import Metadata, PublishedEvent
from couponbus.events.offers import (
    AvailableData,
    BarcodeExpiring,
    ExpiringData,
    OfferAvailable,
    OfferEnded,
    OfferEndedData,
)
from couponbus.events.watches import BudgetData, PollingBudgetExceeded
from couponbus.usecases.outbox.event_metadata import metadata_of

UNKNOWN = "unknown"


def notice_announcement(row: Notice) -> PublishedEvent | None:
    """Return its event."""
    if row.what is NoticeKind.BUDGET_EXCEEDED:
        return _exceeded(row)
    if None in (row.watch_id, row.program, row.signup_id, row.customer_ref):
        return None
    match row.what:
        case NoticeKind.OFFER_AVAILABLE:
            return _available(row)
        case NoticeKind.OFFER_ENDED:
            return _ended(row)
        case NoticeKind.BARCODE_EXPIRING:
            return _expiring(row)


def _available(row: Notice) -> PublishedEvent:
    data = AvailableData(**_subject(row), offer_id=row.offer_id, ends_at=row.ends_at)
    return OfferAvailable(metadata=_metadata(row, OfferAvailable), data=data)


def _ended(row: Notice) -> PublishedEvent:
    data = OfferEndedData(
        **_subject(row),
        offer_id=row.offer_id,
        ends_at=row.ends_at,
        reason=row.reason or UNKNOWN,
        inferred=row.inferred,
    )
    return OfferEnded(metadata=_metadata(row, OfferEnded), data=data)


def _expiring(row: Notice) -> PublishedEvent | None:
    if row.ends_at is None:
        return None
    data = ExpiringData(**_subject(row), offer_id=row.offer_id, expires_at=row.ends_at)
    return BarcodeExpiring(metadata=_metadata(row, BarcodeExpiring), data=data)


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
    return PollingBudgetExceeded(metadata=_metadata(row, PollingBudgetExceeded), data=data)


def _subject(row: Notice) -> dict[str, str | None]:
    return {
        "provider": row.provider.value,
        "account": row.account,
        "program": row.program,
        "signup_id": row.signup_id,
        "customer_ref": row.customer_ref,
        "watch_id": row.watch_id,
        "promotion": row.promotion,
    }


def _metadata(row: Notice, event: type[PublishedEvent]) -> Metadata:
    return metadata_of(row, event, at=row.noticed_at, tenant=row.tenant)
