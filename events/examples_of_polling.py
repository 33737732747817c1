"""One example of each event of polling: a customer's redemptions at two providers."""

from collections.abc import Mapping

from couponbus.domain.polling.notice import NoticeKind, budget_notice_id, notice_id_of, notice_key
from couponbus.domain.polling.recorded_redemption import (
    redemption_id_of_count,
    redemption_id_of_use,
    redemption_key,
)
from couponbus.domain.polling.stock import LOW, stock_id_of, stock_key
from couponbus.domain.polling.watch_identity import watch_id_of, watch_key
from couponbus.domain.provider import Provider
from events.example_facts import CUSTOMER_REF, SIGNUP, Example, fact

TENANT, ACCOUNT, PROGRAM = "default", "main", "welcome"
UNIQODO, KOUPON = Provider.UNIQODO, Provider.KOUPON
PROMOTION, USER, CONSUMER, OFFER = "2001", "customer-0001", "consumer-0001", "501"

CODE_WATCH = watch_id_of(
    provider=UNIQODO, account=ACCOUNT, promotion=PROMOTION, user_ref=CUSTOMER_REF
)
LIST_WATCH = watch_id_of(provider=KOUPON, account=ACCOUNT, promotion=None, user_ref=CUSTOMER_REF)
USE = redemption_id_of_use(tenant=TENANT, provider=UNIQODO, account=ACCOUNT, use="EXAMPLEUSE01")
COUNTED = redemption_id_of_count(watch_id=LIST_WATCH, watch_round=1, offer_id=OFFER, ordinal=2)
STOCK = stock_id_of(tenant=TENANT, provider=KOUPON, account=ACCOUNT, offer_id=OFFER)
BUDGET = budget_notice_id(provider=UNIQODO, account=ACCOUNT, day="2026-02-14")

_CODE: Example = {
    "provider": UNIQODO.value,
    "account": ACCOUNT,
    "program": PROGRAM,
    "signup_id": SIGNUP,
    "customer_ref": CUSTOMER_REF,
    "watch_id": CODE_WATCH,
    "promotion": PROMOTION,
}
_LIST: Example = {**_CODE, "provider": KOUPON.value, "watch_id": LIST_WATCH, "promotion": None}
_USE: Example = {
    **_CODE,
    "redemption_id": USE,
    "native_id": "700001",
    "ordinal": None,
    "offer_id": "301",
    "merchant_id": "80",
    "code_masked": "*******0042",
    "order_value": "59.90",
    "discount_value": "6.00",
    "currency": "GBP",
    "redeemed_at": "2026-02-03T18:20:31Z",
    "redeemed_at_raw": "03-02-2026 18:20:31",
    "tz_assumed": True,
    "seen_after": "2026-01-31T12:00:40Z",
    "seen_at": "2026-02-03T18:41:02Z",
    "inferred": False,
}
_COUNTED: Example = {
    **_LIST,
    "redemption_id": COUNTED,
    "native_id": None,
    "ordinal": 2,
    "offer_id": OFFER,
    "merchant_id": None,
    "code_masked": None,
    "order_value": None,
    "discount_value": None,
    "currency": None,
    "redeemed_at": None,
    "redeemed_at_raw": None,
    "tz_assumed": False,
    "seen_after": "2026-02-05T09:12:00Z",
    "seen_at": "2026-02-06T10:03:12Z",
    "inferred": False,
}


def _noticed(
    detail_type: str, what: NoticeKind, *, watch: str, at: str, offer: str | None
) -> Example:
    """Return the metadata of an event that the ninth revision of a watch owes."""
    entity = notice_key(notice_id_of(watch_key(watch), revision=8, what=what, offer_id=offer))
    return fact(detail_type, entity=entity, at=at)


POLLING: Mapping[str, Example] = {
    "RedemptionRecorded": {
        "metadata": fact(
            "RedemptionRecorded", entity=redemption_key(USE), at="2026-02-03T18:41:02Z"
        ),
        "data": _USE,
    },
    "RedemptionUpdated": {
        "metadata": fact(
            "RedemptionUpdated",
            entity=redemption_key(USE),
            at="2026-02-04T11:15:40Z",
            sequence=2,
        ),
        "data": {**_USE, "order_value": "49.90", "discount_value": "5.00"},
    },
    "RedemptionReversed": {
        "metadata": fact(
            "RedemptionReversed",
            entity=redemption_key(COUNTED),
            at="2026-02-06T10:33:45Z",
            sequence=2,
        ),
        "data": {**_COUNTED, "was_recorded": True},
    },
    "OfferAvailable": {
        "metadata": _noticed(
            "OfferAvailable",
            NoticeKind.OFFER_AVAILABLE,
            watch=LIST_WATCH,
            at="2026-02-05T09:12:00Z",
            offer=OFFER,
        ),
        "data": {**_LIST, "offer_id": OFFER, "ends_at": "2026-03-01T05:59:59Z"},
    },
    "OfferEnded": {
        "metadata": _noticed(
            "OfferEnded",
            NoticeKind.OFFER_ENDED,
            watch=LIST_WATCH,
            at="2026-02-09T21:40:18Z",
            offer=OFFER,
        ),
        "data": {
            **_LIST,
            "offer_id": OFFER,
            "ends_at": "2026-03-01T05:59:59Z",
            "reason": "used_up",
            "inferred": True,
        },
    },
    "OfferStockLow": {
        "metadata": fact("OfferStockLow", entity=stock_key(STOCK), at="2026-02-05T09:12:00Z"),
        "data": {
            "provider": KOUPON.value,
            "account": ACCOUNT,
            "offer_id": OFFER,
            "left": 97,
            "threshold": LOW,
        },
    },
    "BarcodeExpiring": {
        "metadata": _noticed(
            "BarcodeExpiring",
            NoticeKind.BARCODE_EXPIRING,
            watch=CODE_WATCH,
            at="2026-02-23T23:00:12Z",
            offer="301",
        ),
        "data": {**_CODE, "offer_id": "301", "expires_at": "2026-03-02T23:00:00Z"},
    },
    "CodeValidityChanged": {
        "metadata": _noticed(
            "CodeValidityChanged",
            NoticeKind.CODE_VALIDITY_CHANGED,
            watch=CODE_WATCH,
            at="2026-02-12T16:20:31Z",
            offer="301",
        ),
        "data": {**_CODE, "offer_id": "301", "errors": [209]},
    },
    "WatchEnded": {
        "metadata": fact("WatchEnded", entity=watch_key(CODE_WATCH), at="2026-03-03T23:00:09Z"),
        "data": {**_CODE, "reason": "expired", "recorded": 1},
    },
    "FirstPollLate": {
        "metadata": _noticed(
            "FirstPollLate",
            NoticeKind.FIRST_POLL_LATE,
            watch=LIST_WATCH,
            at="2026-01-31T15:04:10Z",
            offer=None,
        ),
        "data": {
            **_LIST,
            "started_at": "2026-01-31T12:00:05Z",
            "first_poll_at": "2026-01-31T15:04:10Z",
            "set_aside": 2,
        },
    },
    "PollingBudgetExceeded": {
        "metadata": fact(
            "PollingBudgetExceeded", entity=notice_key(BUDGET), at="2026-02-14T07:31:00Z"
        ),
        "data": {
            "provider": UNIQODO.value,
            "account": ACCOUNT,
            "day": "2026-02-14",
            "calls_allowed": 50_000,
            "calls_due": 61_200,
            "rest_kept": True,
        },
    },
}
