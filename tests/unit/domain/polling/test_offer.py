"""What follows from an offer alone."""

from datetime import UTC, datetime, timedelta

import pytest

from couponbus.domain.polling.offer import (
    Assets,
    Brand,
    Offer,
    OfferStyle,
    RedemptionLimits,
    RedemptionMethods,
    Texts,
    Validity,
    When,
    Window,
)

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def offer(*, brand: Brand | None) -> Offer:
    return Offer(
        offer_id="1281",
        style=OfferStyle.COUPON,
        window=Window(),
        redemptions=RedemptionLimits(),
        validity=Validity(),
        texts=Texts(),
        assets=Assets(),
        delivery=RedemptionMethods(),
        brand=brand,
    )


@pytest.mark.parametrize(
    ("brand", "is_adult", "may_be_shown"),
    [
        (None, False, True),
        (Brand(is_adult=False, is_authenticated=False), False, True),
        (Brand(is_adult=False, is_authenticated=True), False, True),
        (Brand(is_adult=True, is_authenticated=True), True, True),
        (Brand(is_adult=True, is_authenticated=False), True, False),
    ],
)
def test_only_whom_the_brand_knows_may_see_what_is_for_adults(
    brand: Brand | None, is_adult: bool, may_be_shown: bool
) -> None:
    made = offer(brand=brand)

    assert (made.is_adult, made.may_be_shown) == (is_adult, may_be_shown)


@pytest.mark.parametrize(
    ("limit", "count", "left"),
    [(3, 1, 2), (3, 3, 0), (3, 5, 0), (None, 1, None), (3, None, None), (None, None, None)],
)
def test_what_is_left_is_known_only_from_both_numbers(
    limit: int | None, count: int | None, left: int | None
) -> None:
    assert RedemptionLimits(limit=limit, count=count).left == left


@pytest.mark.parametrize(
    ("ends", "over"),
    [
        (When(raw="x", at=NOW - timedelta(seconds=1)), True),
        (When(raw="x", at=NOW), False),
        (When(raw="x", at=NOW + timedelta(seconds=1)), False),
        (When(raw="x", at=None), None),
        (None, None),
    ],
)
def test_a_window_is_over_only_if_its_end_is_known(ends: When | None, over: bool | None) -> None:
    assert Window(ends=ends).is_over(now=NOW) is over
