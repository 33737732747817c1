"""What events publish of a redemption, and a digest of each field whose change is news."""

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from couponbus.domain.copying import replace
from couponbus.domain.identity import digest
from couponbus.domain.masking import masked
from couponbus.domain.polling.recorded_redemption import RecordedRedemption, Value
from couponbus.domain.polling.redemption import Redemption

DIGEST_LENGTH = 12
TAGS_MAX = 20
PARAMS_BYTES = 2048
# Where a value has the fields of a redemption.
_IN_VALUE: Mapping[str, Sequence[str]] = {
    "order_value": ("order_value",),
    "discount_value": ("discount_value",),
    "currency": ("currency",),
    "redeemed_at": ("redeemed_raw", "redeemed_at", "tz_assumed"),
    "order_id": ("order_id",),
    "tags": ("tags",),
}
JUDGED = {"code", "offer_id", "merchant_id", *_IN_VALUE} - {"tags"}
# A time in any form: digits, signs, the letters of `T`, `Z`, `AM` and `PM`. Nine digits in a row
# are no part of any time, but may be a person's number.
_TIME = re.compile(r"(?!.*[0-9]{9})[0-9TZAPMtzapm:+,./ -]{1,64}")
_CURRENCY = re.compile(r"[A-Za-z]{3}|[$£€¥]")
# The same for what joins a redemption to other data; "@" would let an e-mail through.
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,63}")
_LABEL = re.compile(r"[\w][\w .:/#&+-]{0,63}")


def content_of(use: Redemption) -> str:
    """Return a digest of what an event would say of a redemption, however amounts are written."""
    return published_content(
        code_masked=masked_code(use),
        offer_id=use.offer_id,
        merchant_id=use.merchant_id,
        value=value_of(use),
        doubtful=use.doubtful & JUDGED if use.doubtful else (),
    )


def content_of_row(row: RecordedRedemption) -> str:
    """Return the same digest of what was said, also for a row of an earlier version."""
    return published_content(
        code_masked=row.code_masked,
        offer_id=row.offer_id,
        merchant_id=row.merchant_id,
        value=row.value,
    )


def published_content(
    *,
    code_masked: str | None,
    offer_id: str | None,
    merchant_id: str | None,
    value: Value,
    doubtful: Iterable[str] = (),
) -> str:
    """Return a digest of each field of an event whose change is news.

    Tags are labels of the offer: a new one would change all of its redemptions. A field in doubt
    differs from an absent one: what takes its place is compared.
    """
    whole = digest(
        "content",
        code_masked or "",
        offer_id or "",
        merchant_id or "",
        _amount(value.order_value),
        _amount(value.discount_value),
        (value.currency or "").upper(),
        value.redeemed_raw or _text(value.redeemed_at),
        value.order_id or "",
        *sorted(doubtful),
    )
    return whole[:DIGEST_LENGTH]


def renewed(row: RecordedRedemption, use: Redemption) -> RecordedRedemption:
    """Return the row as the provider shows it now; a field in doubt stays as it is stored."""
    value, kept = value_of(use), row.value
    stays = {
        name: getattr(kept, name) for doubt in use.doubtful for name in _IN_VALUE.get(doubt, ())
    }
    if value.redeemed_at is not None and value.redeemed_at == kept.redeemed_at:
        # The same moment in other words is no news.
        stays |= {name: getattr(kept, name) for name in _IN_VALUE["redeemed_at"]}
    return replace(
        row,
        offer_id=row.offer_id if "offer_id" in use.doubtful else use.offer_id,
        merchant_id=row.merchant_id if "merchant_id" in use.doubtful else use.merchant_id,
        code_masked=row.code_masked if "code" in use.doubtful else masked_code(use),
        value=dataclasses.replace(value, **stays) if stays else value,
    )


def masked_code(use: Redemption) -> str | None:
    """Return the code as events show it."""
    return None if use.code is None else masked(use.code)


def value_of(use: Redemption) -> Value:
    """Return the value of a redemption as events publish it."""
    when = use.redeemed_at
    return Value(
        order_value=None if use.order_value is None else str(use.order_value),
        discount_value=None if use.discount_value is None else str(use.discount_value),
        currency=publishable_currency(use.currency),
        redeemed_raw=publishable_time(when.raw) if when else None,
        redeemed_at=when.at if when else None,
        tz_assumed=when.tz_assumed if when else False,
        order_id=publishable_order(use.order_id),
        distributor_id=use.distributor_id,
        tags=publishable_tags(use.tags),
    )


def kept_params(use: Redemption) -> str | None:
    """Return the text that the shop attached, None if it is longer than what is kept."""
    params = use.custom_params
    if params is None or len(params.raw.encode()) > PARAMS_BYTES:
        return None
    return params.raw


def publishable_time(words: str) -> str | None:
    """Return the text if it can be a time."""
    return words if _TIME.fullmatch(words) else None


def publishable_order(reference: str | None) -> str | None:
    """Return the text if it can be a shop's reference: no sentence, no e-mail, no JSON."""
    return reference if reference is not None and _REFERENCE.fullmatch(reference) else None


def publishable_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Return the texts that can be labels, each once, in one order."""
    return tuple(sorted({tag for tag in tags if _LABEL.fullmatch(tag)}))[:TAGS_MAX]


def publishable_currency(word: str | None) -> str | None:
    """Return the text if it can be a currency."""
    return word if word is not None and _CURRENCY.fullmatch(word) else None


def _amount(value: str | None) -> str:
    """Return the same for 5 and 5.00."""
    return "" if value is None else str(Decimal(value).normalize())


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
