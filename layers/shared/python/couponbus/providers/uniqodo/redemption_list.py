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

IDENTITY = "distributor_id"  # with the id, without which the answer is refused

type Doubted = tuple[WireRecord, frozenset[str]]


def redemption_list_of(
    answer: WireAnswer, *, error_kinds: Mapping[int, ProblemKind]
) -> RedemptionList:
    """Return the list; of records with one id only one, and the list is incomplete then."""
    doubts = list(answer.doubts)
    each_once = _each_once(answer, doubts=doubts)
    is_plain = answer.records is not None and len(each_once) == len(answer.records)
    return RedemptionList(
        redemptions=tuple(_redemption(record, doubtful) for record, doubtful in each_once),
        is_complete=is_plain and _is_complete(answer),
        total=answer.total if is_plain else None,
        offer=None if answer.offer is None else _facts(answer.offer, doubts=doubts),
        problems=tuple(_problem(error, error_kinds) for error in answer.errors),
        doubts=tuple(doubts),
        left_out=sum(IDENTITY in doubtful for doubtful in answer.record_doubts),
    )


def _each_once(answer: WireAnswer, *, doubts: list[str]) -> Sequence[Doubted]:
    """Return one record of each identity; what several say differently is in doubt.

    One whose distributor cannot be read is left out: it would be taken for another redemption.
    """
    found: dict[tuple[int | None, int], Doubted] = {}
    pairs = zip(answer.records or (), answer.record_doubts, strict=True)
    for number, (record, doubtful) in enumerate(pairs):
        if IDENTITY in doubtful:
            continue
        key = (record.distributor_id, record.id)
        kept, before = found.setdefault(key, (record, doubtful))
        if kept != record:
            differing = _differing(kept, record)
            found[key] = (_without(kept, differing), before | doubtful | differing)
            doubts += [f"records[{number}].{name}" for name in sorted(differing)]
    return list(found.values())


def _differing(one: WireRecord, other: WireRecord) -> frozenset[str]:
    names = (each.name for each in fields(WireRecord))
    return frozenset(name for name in names if getattr(one, name) != getattr(other, name))


def _without(record: WireRecord, names: frozenset[str]) -> WireRecord:
    absent: dict[str, Any] = dict.fromkeys(names)
    if "tags" in absent:
        absent["tags"] = ()
    return replace(record, **absent)


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


def _redemption(record: WireRecord, doubtful: frozenset[str]) -> Redemption:
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
        doubtful=doubtful,
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
