"""What a look-up at the provider proves about an attempt of unknown outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from couponbus.domain.barcode import Barcode
from couponbus.domain.issuance import Issuance

BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """Exactly one barcode is ours."""

    barcode: Barcode


@dataclass(frozen=True, slots=True)
class Absent:
    """Nothing there can be ours."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Something may be ours; `numbers` are the candidates, the oldest first."""

    reason: str
    numbers: tuple[str, ...]


type Verdict = Found | Absent | Unclear


def judge(issuance: Issuance, found: Sequence[Barcode], *, skew: timedelta) -> Verdict:
    """Tell ours from others' by tracking code, customer and offer.

    A provider that does not return tracking codes leaves only customer, offer and time of
    creation: enough to suspect, not enough to be sure (RELIABILITY A2).
    """
    coded = [one for one in found if one.tracking_code == issuance.tracking_code]
    ours = {one.number: one for one in coded}
    if not all(_same_subject(one, issuance) for one in coded):
        return Unclear("tracking_code_of_another", _numbers(coded))
    if len(ours) == 1:
        return Found(next(iter(ours.values())))
    if ours:
        return Unclear("several_barcodes", _numbers(coded))
    suspects = [one for one in found if _may_be_ours(one, issuance, skew)]
    if suspects:
        return Unclear("tracking_code_missing", _numbers(suspects))
    return Absent()


def usable(found: Sequence[Barcode], issuance: Issuance, *, today: date) -> Barcode | None:
    """Return the oldest unexpired barcode that this customer already has for this offer."""
    valid = [
        one
        for one in found
        if _same_subject(one, issuance) and (one.expires_on is None or one.expires_on >= today)
    ]
    return min(valid, key=_age_order, default=None)


def _same_subject(one: Barcode, issuance: Issuance) -> bool:
    return one.customer_id == issuance.customer_id and one.offer_id == issuance.offer_id


def _may_be_ours(one: Barcode, issuance: Issuance, skew: timedelta) -> bool:
    if one.tracking_code or not _same_subject(one, issuance):
        return False
    if one.created_at is None or issuance.requested_at is None:
        return True
    return one.created_at >= issuance.requested_at - skew


def _numbers(barcodes: Sequence[Barcode]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.number for one in sorted(barcodes, key=_age_order)))


def _age_order(one: Barcode) -> tuple[datetime, str]:
    return (one.created_at or BEGINNING, one.number)
