"""The answer to a user-redemption query, in each known body (docs/providers.md#uniqodo-answers)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus

from couponbus_sandbox.simulator.exchange import Answer
from couponbus_sandbox.uniqodo.book import Book, Code, Record
from couponbus_sandbox.uniqodo.promotions import Promotion, QueryError
from couponbus_sandbox.uniqodo.settings import Hidden, UniqodoSettings

REDEEMED = "This code has already been redeemed and can no longer be used."
UNRECOGNISED = "The code entered is not recognised."
LENGTH_WITHOUT_OFFSET = len("2019-05-15T08:55:37")


def query(book: Book, *, promotion: Promotion, user_id: str, settings: UniqodoSettings) -> Answer:
    """Return the redemptions, offer and errors of a user in a promotion."""
    codes = book.codes_of(promotion.promotion_id, user_id)
    records = book.redeemed_by(promotion.promotion_id, user_id)
    if not codes and not records:
        errors = [unrecognised(settings)]
    else:
        errors = _errors(book, promotion, codes)
    body: dict[str, object] = {}
    _put(body, "data", _data(book, promotion, codes, records, settings), how=settings.data)
    _put(body, "errors", errors, how=settings.errors)
    if not codes and not records:
        body["result"] = "failure"
    elif not errors and settings.result_on_success == "present":
        body["result"] = "success"
    return Answer(status=settings.error_status if errors else HTTPStatus.OK, body=body)


def redeemed() -> Record:
    """Return the error of a code that is used up."""
    return {"code": 201, "message": REDEEMED, "promotion_specific_error": None}


def unrecognised(settings: UniqodoSettings) -> Record:
    """Return the error of an unknown code or user."""
    error: Record = {"code": 204, "message": UNRECOGNISED, "promotion_specific_error": None}
    if settings.reference is not None:
        error["reference"] = settings.reference
    return error


def own_error(error: QueryError) -> Record:
    """Return an error that belongs to a promotion."""
    shown = asdict(error)
    if error.reference is None:
        del shown["reference"]
    return shown


def _errors(book: Book, promotion: Promotion, codes: Sequence[Code]) -> list[Record]:
    used_up = codes and book.uses(codes[-1].code) >= promotion.redemption_per_code
    errors = [redeemed()] if used_up else []
    return errors + [own_error(error) for error in promotion.errors]


def _data(
    book: Book,
    promotion: Promotion,
    codes: Sequence[Code],
    records: Sequence[Record],
    settings: UniqodoSettings,
) -> Record:
    shown: list[Record] = [_as_shown(record, settings) for record in records]
    place: Record = {}
    if settings.body == "totals":
        place["total_discount_value"] = _sum(records, "discount_value")
        place["total_order_value"] = _sum(records, "order_value")
    _put(place, "records", shown, how=settings.records)
    if settings.body == "redemption":
        place["total"] = len(records) + promotion.total_offset + settings.total_offset
    data: Record = {"redemption": place} if settings.body == "redemption" else place
    offer = _offer(book, promotion, codes[-1]) if codes else None
    _put(data, "offer", offer, how=settings.offer)
    return data


def _as_shown(record: Mapping[str, object], settings: UniqodoSettings) -> Record:
    shown = dict(record)
    if settings.redeemed_at_style == "naive" and isinstance(shown.get("redeemed_at"), str):
        shown["redeemed_at"] = str(shown["redeemed_at"])[:LENGTH_WITHOUT_OFFSET]
    return shown


def _offer(book: Book, promotion: Promotion, code: Code) -> Record:
    return {
        "id": promotion.offer_id,
        "offer_id": promotion.offer_id,
        "offer_description": promotion.offer_description,
        "merchant_id": promotion.merchant_id,
        "merchant_name": promotion.merchant_name,
        "description": promotion.description,
        "status": promotion.status,
        "code": promotion.master_code,
        "terms": promotion.terms,
        "code_remaining": book.remaining(promotion),
        "redemption_per_code": promotion.redemption_per_code,
        "code_type": promotion.code_type,
        "start_date": promotion.start_date,
        "end_date": promotion.end_date,
        "code_issue_date": code.issued_at,
        "code_expiry": code.expires_at,
    }


def _sum(records: Sequence[Record], key: str) -> int | float:
    values = (record.get(key) for record in records)
    total = sum(value for value in values if isinstance(value, int | float))
    return round(total, 2)


def _put(target: Record, key: str, value: object, *, how: Hidden) -> None:
    if how != "missing":
        target[key] = None if how == "null" else value
