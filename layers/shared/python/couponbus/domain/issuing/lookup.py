"""What a look-up at the provider proves about an attempt of unknown outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from couponbus.domain.errors import ContractBroken
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.reference import is_same_reference, may_be_cut_from

BEGINNING = datetime.min.replace(tzinfo=UTC)
# No backup reaches as far back, and no stage deletes a decided issuance as soon.
FORGOTTEN = timedelta(days=366)


class FilterIgnored(ContractBroken):
    """The list holds what was not requested, so what it lacks may exist all the same.

    `barcodes` are those in it that may belong to the request.
    """

    barcodes: Sequence[Barcode] = ()


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
    """Decide by reference, customer and offer which of the barcodes found are ours.

    Every barcode of this customer for this offer since our first attempt may be ours, under any
    reference: the only one with a part of our reference is ours, any other makes the verdict
    unclear (docs/reliability.md#look-ups).
    """
    coded = [
        one
        for one in found
        if is_same_reference(one.tracking_code, issuance.tracking_code)
        and not is_of_a_deleted_issuance(one, issuance)
    ]
    ours = {one.number: one for one in coded}
    if not all(_same_subject(one, issuance) for one in coded):
        return Unclear("tracking_code_of_another", _numbers(coded))
    if len(ours) == 1:
        return Found(next(iter(ours.values())))
    if ours:
        return Unclear("several_barcodes", _numbers(coded))
    suspects = [one for one in found if _may_be_ours(one, issuance, skew)]
    if not suspects:
        return Absent()
    numbers = _numbers(suspects)
    if len(numbers) == 1 and may_be_cut_from(suspects[0].tracking_code, issuance.tracking_code):
        return Found(suspects[0])
    known = all(one.tracking_code for one in suspects)
    return Unclear("newer_barcode" if known else "tracking_code_missing", numbers)


def usable(found: Sequence[Barcode], issuance: Issuance, *, today: date) -> Barcode | None:
    """Return the oldest unexpired barcode that this customer already has for this offer."""
    valid = [
        one
        for one in found
        if _same_subject(one, issuance) and (one.expires_on is None or one.expires_on >= today)
    ]
    return min(valid, key=_age_order, default=None)


def is_of_a_deleted_issuance(one: Barcode, issuance: Issuance) -> bool:
    """Whether it has its reference from an earlier issuance, whose retention is over."""
    since = issuance.first_requested_at
    if one.created_at is None or since is None:
        return False
    return one.created_at < since - FORGOTTEN


def _same_subject(one: Barcode, issuance: Issuance) -> bool:
    return one.customer_id == issuance.customer_id and one.offer_id == issuance.offer_id


def _may_be_ours(one: Barcode, issuance: Issuance, skew: timedelta) -> bool:
    since = issuance.first_requested_at
    if not _same_subject(one, issuance):
        return False
    if one.created_at is None or since is None:
        return True
    return one.created_at >= since - skew


def _numbers(barcodes: Sequence[Barcode]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.number for one in sorted(barcodes, key=_age_order)))


def _age_order(one: Barcode) -> tuple[datetime, str]:
    return (one.created_at or BEGINNING, one.number)
