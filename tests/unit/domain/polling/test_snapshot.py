"""Snapshots with the same facts have the same digest; the stock is not part of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.polling.published_redemption import content_of
from couponbus.domain.polling.redemption import CustomParams, Redemption, StatedTime
from couponbus.domain.polling.snapshot import (
    UNCLEAR,
    Snapshot,
    StockSnapshot,
    confirmed,
    use_id,
)
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import a_use, an_offer, offers, uses

LATER = NOON + timedelta(days=20)
CHANGES: list[dict[str, object]] = [
    {"redemption_id": "8"},
    {"distributor_id": "103"},
    {"offer_id": "4884"},
    {"code": "ANOTHERCODE"},
    {"order_value": Decimal("9.99")},
    {"order_value": None},
    {"discount_value": Decimal("0.01")},
    {"currency": "EUR"},
    {"currency": None},
    {"redeemed_at": StatedTime(raw="2026-06-01T12:00:01+0000", at=NOON)},
    {"redeemed_at": None},
    {"merchant_id": "2"},
]
NO_NEWS = [
    {"custom_params": CustomParams(raw="{}", values={})},
    {"custom_params": CustomParams(raw="no JSON", values=None)},
    {"tags": ("SUMMER",)},
]


def test_a_doubt_is_another_content_than_nothing_unless_it_is_about_no_news() -> None:
    use = replace(a_use(7), currency=None, order_value=None)

    names = ((), ("currency",), ("order_value",), ("currency", "order_value"))
    contents = {content_of(replace(use, doubtful=frozenset(one))) for one in names}

    assert len(contents) == 4
    assert content_of(replace(use, doubtful=frozenset({"tags", "custom_params"}))) in contents


@pytest.mark.parametrize(("first", "is_doubtful"), [(1, False), (3, True), (None, False)])
def test_a_count_that_cannot_be_read_is_not_less_than_another(
    first: int | None, is_doubtful: bool
) -> None:
    for second in (2, None):
        seen = confirmed(offers(an_offer("1", first)), offers(an_offer("1", second)))
        assert seen.is_doubtful == (is_doubtful and second is not None)


@given(st.permutations(range(6)))
def test_the_order_of_records_and_offers_means_nothing(order: list[int]) -> None:
    assert uses(*(a_use(n) for n in order)).digest == uses(*(a_use(n) for n in range(6))).digest

    shown = [an_offer(str(n), n) for n in order]
    assert offers(*shown).digest == offers(*(an_offer(str(n), n) for n in range(6))).digest


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_in_a_record_changes_the_digest(change: Mapping[str, object]) -> None:
    use = a_use(7)

    changed: Redemption = replace(use, **change)  # type: ignore[arg-type]

    assert uses(changed).digest != uses(use).digest
    is_another = use_id(changed) != use_id(use)
    assert is_another != (content_of(changed) != content_of(use))


@pytest.mark.parametrize(
    "change",
    [
        {"order_value": Decimal("10")},
        {"order_value": Decimal("1E1")},
        {"currency": "gbp"},
        {"redeemed_at": StatedTime(raw=NOON.isoformat(), at=None, tz_assumed=True)},
    ],
)
def test_how_a_value_is_written_changes_nothing(change: Mapping[str, object]) -> None:
    use = a_use(7, value="10.00", at=NOON)

    assert uses(replace(use, **change)).digest == uses(use).digest  # type: ignore[arg-type]


@pytest.mark.parametrize("change", NO_NEWS)
def test_what_is_no_news_is_no_content_of_a_redemption(change: Mapping[str, object]) -> None:
    use = a_use(7)

    assert content_of(replace(use, **change)) == content_of(use)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        offers(an_offer("1", 1, limit=3, ends=LATER)),
        offers(an_offer("2", 2, limit=3, ends=LATER)),
        offers(an_offer("1", None, limit=3, ends=LATER)),
        offers(an_offer("1", 2, limit=4, ends=LATER)),
        offers(an_offer("1", 2, limit=3, ends=LATER + timedelta(seconds=1))),
        offers(an_offer("1", 2, limit=3)),
        offers(an_offer("1", 2, limit=3, ends=LATER), withheld=1),
        offers(an_offer("1", 2, limit=3, ends=LATER), an_offer("2")),
        offers(),
    ],
)
def test_whatever_changes_in_an_offer_changes_the_digest(changed: Snapshot) -> None:
    assert changed.digest != offers(an_offer("1", 2, limit=3, ends=LATER)).digest


@pytest.mark.parametrize(
    "change",
    [
        {"offer_id": "1"},
        {"code_ends": LATER},
        {"is_used_up": True},
        {"withheld": 2},
        {"unlisted": 1},
    ],
)
def test_what_changes_about_the_code_changes_the_digest(change: Mapping[str, object]) -> None:
    snapshot = uses(a_use(1))

    assert replace(snapshot, **change).digest != snapshot.digest  # type: ignore[arg-type]


def test_stock_and_what_cannot_be_understood_are_not_in_the_digest() -> None:
    snapshot = uses(a_use(1))

    other = replace(
        snapshot,
        stock=(StockSnapshot(offer_id="1", left=5),),
        odd_codes=(999,),
        is_complete=False,
        is_doubtful=True,
    )

    assert other.digest == snapshot.digest != UNCLEAR
