"""Promotions and customers of the simulated Uniqodo, and those that are built in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

PromotionId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
PositiveId = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]

ONE_USE = "a0" * 16
THREE_USES = "b1" * 16
WITH_A_RULE = "c2" * 16
ODD = "d3" * 16


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryError:
    """An error in each query about a known user, beside those of the user's codes."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    code: JsonValue
    message: str
    promotion_specific_error: JsonValue = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A promotion and its one offer; dates are London time, `27-02-2019 00:00:00`.

    `master_code` is the offer's own code, `total_offset` is how far its totals are off.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    promotion_id: PromotionId
    offer_id: PositiveId
    description: str = "Test promotion"
    offer_description: str = "Unique coupon test promotion"
    merchant_id: PositiveId = 1
    merchant_name: str = "Uniqodo Test"
    status: str = "active"
    master_code: str = "XMAS10"
    terms: str | None = None
    code_remaining: Count | None = 1000
    redemption_per_code: PositiveId = 1
    code_type: str = "unique"
    start_date: str = "27-02-2019 00:00:00"
    end_date: str = "17-05-2019 23:59:59"
    code_validity_days: Count | None = None
    tags: tuple[str, ...] = ()
    errors: tuple[QueryError, ...] = ()
    total_offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A code that a user has from the start, and its redemptions.

    `records` override fields of a redemption of this code; any JSON is taken.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    promotion_id: PromotionId
    user_id: Annotated[str, Field(min_length=1)]
    code: Annotated[str, Field(min_length=1)]
    issued_at: str
    expires_at: str = ""
    records: tuple[Mapping[str, JsonValue], ...] = field(default=())


DEFAULT_PROMOTIONS = (
    Promotion(promotion_id=ONE_USE, offer_id=4883),
    Promotion(
        promotion_id=THREE_USES,
        offer_id=4884,
        redemption_per_code=3,
        tags=("SUMMER_OFFER", "ONLINE"),
        end_date="31-12-2039 23:59:59",
        code_validity_days=30,
    ),
    Promotion(
        promotion_id=WITH_A_RULE,
        offer_id=4885,
        end_date="31-12-2039 23:59:59",
        errors=(QueryError(code=209, message="Spend at least 50 GBP to use this code."),),
    ),
    Promotion(promotion_id=ODD, offer_id=4886, redemption_per_code=9, total_offset=2),
)
DEFAULT_HISTORIES = (
    History(
        promotion_id=ONE_USE,
        user_id="ABC123",
        code="BF39KD2H",
        issued_at="15-05-2019 08:54:02",
        records=(
            {
                "id": 1925118,
                "order_id": "1262434SH",
                "order_value": 45,
                "discount_value": 11.25,
                "redeemed_at": "2019-05-15T08:55:37+0100",
            },
        ),
    ),
    History(
        promotion_id=ONE_USE,
        user_id="issued@example.com",
        code="ISSUED22",
        issued_at="16-05-2019 12:00:00",
    ),
    History(
        promotion_id=THREE_USES,
        user_id="twice@example.com",
        code="TWICE222",
        issued_at="01-06-2026 10:00:00",
        expires_at="01-07-2026 10:00:00",
        records=(
            {"id": 1925201, "order_value": 219.99, "redeemed_at": "2026-06-02T10:39:17+0100"},
            {"id": 1925202, "order_value": 0.1, "redeemed_at": "2026-06-03T10:39:17+0100"},
        ),
    ),
    History(
        promotion_id=WITH_A_RULE,
        user_id="rule@example.com",
        code="RULE2222",
        issued_at="01-06-2026 10:00:00",
    ),
    History(
        promotion_id=ODD,
        user_id="odd@example.com",
        code="ODD22222",
        issued_at="01-05-2015 10:00:00",
        records=(
            {"id": 1925301, "redeemed_at": "2015-05-29T10:39:17"},
            {
                "id": 1925302,
                "redeemed_at": "2015-05-30T10:39:17+0100",
                "custom_params": '{"p1":"example1","p2":"example2"}',
            },
            {
                "id": 1925303,
                "redeemed_at": "2015-05-31T10:39:17+0100",
                "custom_params": '{"p1":"example1",',
            },
        ),
    ),
)
