"""Uniqodo's answers, field by field and under its own names (docs/providers.md#uniqodo-answers)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from couponbus.domain.polling.redemption import CustomParams, StatedTime


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRecord:
    """One redemption; only the id is always present."""

    id: int
    offer_id: int | None
    merchant_id: int | None
    distributor_id: int | None
    code: str | None = field(repr=False)
    order_id: str | None = field(repr=False)
    order_value: Decimal | None
    discount_value: Decimal | None
    currency: str | None
    custom_params: CustomParams | None = field(repr=False)
    redeemed_at: StatedTime | None
    tags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WireCodeOffer:
    """The offer of the codes; `code` is the master code, not the customer's."""

    id: int | None
    offer_id: int | None
    offer_description: str | None
    merchant_id: int | None
    merchant_name: str | None
    description: str | None
    status: str | None
    code: str | None = field(repr=False)
    terms: str | None
    code_remaining: int | None
    redemption_per_code: int | None
    code_type: str | None
    start_date: StatedTime | None
    end_date: StatedTime | None
    code_issue_date: StatedTime | None
    code_expiry: StatedTime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WireError:
    """Why a code is not valid; `code` is None if it is not a number."""

    code: int | None
    message: str | None = field(repr=False)
    promotion_specific_error: object = field(repr=False)
    reference: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireAnswer:
    """A whole answer; `records` is None if it has no list of them.

    `record_doubts` has the names of the fields in doubt, for each of the records.
    The total_ fields of money occur only in the body that the sibling page documents.
    """

    records: Sequence[WireRecord] | None
    total: int | None
    total_order_value: Decimal | None
    total_discount_value: Decimal | None
    offer: WireCodeOffer | None
    errors: Sequence[WireError]
    result: str | None
    doubts: Sequence[str]
    record_doubts: Sequence[frozenset[str]]
