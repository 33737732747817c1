"""A stock that runs low is published once, however it wavers around the limit."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.copying import replace
from couponbus.domain.polling.stock import LOW, PLENTY, Stock, stock_id_of, stock_key
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON

SOON = NOON + timedelta(minutes=1)
STOCK = Stock(
    stock_id="S",
    tenant="default",
    provider=Provider.KOUPON,
    account="brand",
    offer_id="1281",
    left=5_000,
    seen_at=NOON - timedelta(days=1),
)


def crossed(stock: Stock, left: int) -> Stock:
    return stock.crossed(left, now=NOON, publish_by=SOON)


@pytest.mark.parametrize(
    ("is_low", "left", "crosses"),
    [
        (False, LOW + 1, False),
        (False, LOW, True),
        (False, 0, True),
        (True, 0, False),
        (True, PLENTY - 1, False),
        (True, PLENTY, True),
    ],
)
def test_only_a_crossing_is_worth_a_row(is_low: bool, left: int, crosses: bool) -> None:
    assert replace(STOCK, is_low=is_low).would_change(left) == crosses


def test_the_way_down_is_published() -> None:
    low = crossed(STOCK, 99)

    assert (low.is_low, low.left, low.seen_at) == (True, 99, NOON)
    assert low.unpublished
    assert low.due_at == SOON
    assert low.trail[-1].detail == "99"


def test_the_way_up_is_only_noted() -> None:
    low = crossed(STOCK, 99).announced(now=SOON)

    plenty = crossed(low, 900)

    assert (plenty.is_low, plenty.left) == (False, 900)
    assert not plenty.unpublished
    assert plenty.due_at is None


@given(st.lists(st.integers(0, 2 * PLENTY), max_size=60))
def test_each_run_low_is_published_once(counts: list[int]) -> None:
    stock, lows, is_low = STOCK, 0, False

    for left in counts:
        if stock.would_change(left):
            stock = crossed(stock, left).announced(now=SOON)
        if not is_low and left <= LOW:
            is_low, lows = True, lows + 1
        elif is_low and left >= PLENTY:
            is_low = False

    assert stock.outcomes == lows
    assert stock.is_low == is_low


def test_each_offer_of_each_account_has_its_own_stock() -> None:
    ids = {
        stock_id_of(tenant="default", provider=provider, account=account, offer_id=offer_id)
        for provider in Provider
        for account in ("one", "another")
        for offer_id in ("1", "2")
    }

    assert len(ids) == 8
    assert STOCK.key == stock_key("S") == "STOCK#S"
