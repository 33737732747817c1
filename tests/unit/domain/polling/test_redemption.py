"""Redemptions are compared by what they say, and show nothing that is worth money."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from couponbus.domain.polling.redemption import (
    CodeProblem,
    CustomParams,
    ProblemKind,
    Redemption,
    RedemptionList,
    StatedTime,
)

AT = datetime(2026, 6, 2, 9, 39, 17, tzinfo=UTC)


def any_redemption() -> Redemption:
    return Redemption(
        redemption_id="7",
        distributor_id="102",
        merchant_id="1",
        offer_id="4883",
        code="CODE-OF-CUSTOMER",
        order_id="order-of-customer",
        order_value=Decimal("219.99"),
        discount_value=Decimal("1.50"),
        currency="GBP",
        redeemed_at=StatedTime(raw="2026-06-02T10:39:17+0100", at=AT),
        custom_params=CustomParams(raw='{"p1":"x"}', values={"p1": "x"}),
        tags=("ONLINE",),
    )


def test_a_redemption_shows_neither_its_code_nor_its_order() -> None:
    shown = repr(any_redemption())

    assert "'7'" in shown
    assert "CODE-OF" not in shown
    assert "order-of" not in shown
    assert "p1" not in shown


def test_a_redemption_without_a_code_can_be_shown() -> None:
    assert "code=None" in repr(replace(any_redemption(), code=None))


@pytest.mark.parametrize(
    "changes",
    [
        {"order_value": Decimal("219.98")},
        {"currency": None},
        {"redeemed_at": StatedTime(raw="2026-06-02T10:39:18+0100", at=AT)},
        {"custom_params": CustomParams(raw="{}")},
        {"tags": ()},
    ],
)
def test_any_difference_in_what_it_says_makes_it_another(changes: dict[str, object]) -> None:
    assert replace(any_redemption(), **changes) != any_redemption()  # type: ignore[arg-type]


def test_how_money_is_written_makes_no_difference() -> None:
    assert replace(any_redemption(), discount_value=Decimal("1.5")) == any_redemption()


def test_custom_parameters_are_broken_when_only_their_text_is_left() -> None:
    assert CustomParams(raw="{").is_broken
    assert not CustomParams(raw="{}", values={}).is_broken


def test_a_snapshot_has_the_kinds_of_its_problems() -> None:
    problem = CodeProblem(kind=ProblemKind.RULE, code=209, message="Spend more, a@example.com.")
    redemption_list = RedemptionList(redemptions=(), is_complete=True, problems=(problem,))

    assert redemption_list.has(ProblemKind.RULE)
    assert not redemption_list.has(ProblemKind.OTHER)
    assert "Spend" not in repr(redemption_list)
