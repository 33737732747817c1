"""Translates an answer of Uniqodo to the domain's redemption list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from couponbus.domain.polling.redemption import (
    CodeProblem,
    OfferFacts,
    ProblemKind,
    Redemption,
    RedemptionList,
)
from couponbus.providers.uniqodo.wire import WireAnswer, WireCodeOffer, WireError, WireRecord


def redemption_list_of(
    answer: WireAnswer, *, error_kinds: Mapping[int, ProblemKind]
) -> RedemptionList:
    """Return the list; of records with one id only one, and the list is incomplete then."""
    records = answer.records or ()
    doubts = list(answer.doubts)
    each_once = _each_once(records, doubts=doubts)
    is_plain = answer.records is not None and len(each_once) == len(records)
    return RedemptionList(
        redemptions=tuple(_redemption(record) for record in each_once),
        is_complete=is_plain and _is_complete(answer),
        total=answer.total if is_plain else None,
        offer=None if answer.offer is None else _facts(answer.offer, doubts=doubts),
        problems=tuple(_problem(error, error_kinds) for error in answer.errors),
        doubts=tuple(doubts),
    )


def _each_once(records: Sequence[WireRecord], *, doubts: list[str]) -> Sequence[WireRecord]:
    """Return one record of each identity; what several say differently is in doubt.

    One whose distributor cannot be read is left out: it would be taken for another redemption.
    """
    found: dict[tuple[int | None, int], WireRecord] = {}
    for number, record in enumerate(records):
        if "distributor_id" in record.doubtful:
            continue
        key = (record.distributor_id, record.id)
        kept = found.setdefault(key, record)
        if kept != record:
            found[key] = _agreed(kept, record)
            doubts += [f"records[{number}].{name}" for name in sorted(_differing(kept, record))]
    return list(found.values())


def _agreed(one: WireRecord, other: WireRecord) -> WireRecord:
    """Return a record with what both say; the rest is absent, and in doubt."""
    differing = _differing(one, other)
    absent: dict[str, Any] = dict.fromkeys(differing)
    if "tags" in absent:
        absent["tags"] = ()
    return replace(one, **absent, doubtful=one.doubtful | other.doubtful | differing)


def _differing(one: WireRecord, other: WireRecord) -> frozenset[str]:
    names = (each.name for each in fields(WireRecord) if each.name != "doubtful")
    return frozenset(name for name in names if getattr(one, name) != getattr(other, name))


def _is_complete(answer: WireAnswer) -> bool:
    """Whether the answer's own totals prove that no record is missing."""
    evidence = list(_evidence(answer, answer.records or ()))
    return bool(evidence) and all(evidence)


def _evidence(answer: WireAnswer, records: Sequence[WireRecord]) -> Iterator[bool]:
    if answer.total is not None:
        yield answer.total == len(records)
    if answer.total_order_value is not None:
        yield answer.total_order_value == _sum(record.order_value for record in records)
    if answer.total_discount_value is not None:
        yield answer.total_discount_value == _sum(record.discount_value for record in records)


def _sum(amounts: Iterator[Decimal | None]) -> Decimal | None:
    total = Decimal(0)
    for each in amounts:
        if each is None:
            return None
        total += each
    return total


def _redemption(record: WireRecord) -> Redemption:
    return Redemption(
        redemption_id=str(record.id),
        distributor_id=_name(record.distributor_id),
        merchant_id=_name(record.merchant_id),
        offer_id=_name(record.offer_id),
        code=record.code,
        order_id=record.order_id,
        order_value=record.order_value,
        discount_value=record.discount_value,
        currency=record.currency,
        redeemed_at=record.redeemed_at,
        custom_params=record.custom_params,
        tags=record.tags,
        doubtful=record.doubtful,
    )


def _facts(offer: WireCodeOffer, *, doubts: list[str]) -> OfferFacts:
    if None not in (offer.id, offer.offer_id) and offer.id != offer.offer_id:
        doubts.append("data.offer.id")
    return OfferFacts(
        offer_id=_name(offer.id if offer.offer_id is None else offer.offer_id),
        status=offer.status,
        code_type=offer.code_type,
        code_remaining=offer.code_remaining,
        redemption_per_code=offer.redemption_per_code,
        starts=offer.start_date,
        ends=offer.end_date,
        code_issued=offer.code_issue_date,
        code_expires=offer.code_expiry,
    )


def _problem(error: WireError, kinds: Mapping[int, ProblemKind]) -> CodeProblem:
    kind = ProblemKind.OTHER if error.code is None else kinds.get(error.code, ProblemKind.OTHER)
    return CodeProblem(kind=kind, code=error.code, message=error.message)


def _name(number: int | None) -> str | None:
    return None if number is None else str(number)
