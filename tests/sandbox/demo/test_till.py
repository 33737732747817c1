"""The customers' actions in the demo, in the simulators and in the demo's own record."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from couponbus_sandbox.demo.load import make_load
from couponbus_sandbox.demo.plan import Act, PlannedAction
from couponbus_sandbox.demo.shops import MANY_TIMES, ONCE, PROMOTION_ID, open_shops
from couponbus_sandbox.demo.till import Till, name_at_koupon
from couponbus_sandbox.local.stack import LocalStack
from tests.sandbox.koupon_caller import KouponCaller
from tests.sandbox.stacks import without_engine

LOAD = make_load(sign_ups=20, seed=1)
USERS = set(LOAD.users.values())
USER, CONSUMER = min(LOAD.users), min(LOAD.consumers)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LocalStack]:
    with without_engine(tmp_path) as running:
        yield running


@pytest.fixture
def till(stack: LocalStack) -> Till:
    open_shops(stack, LOAD, code_days=5)
    return Till(stack, LOAD)


def planned(act: Act, customer: int, *, times: int = 1) -> PlannedAction:
    return PlannedAction(at=0, customer=customer, act=act, times=times)


def records(stack: LocalStack) -> list[dict[str, object]]:
    """Return what the demo's customers have redeemed at Uniqodo."""
    redemptions = stack.uniqodo.detail()["redemptions"]
    found = [one for one in redemptions if one["promotion_id"] == PROMOTION_ID]
    return [record for one in found if isinstance(record := one["record"], dict)]


def offers(stack: LocalStack) -> list[object]:
    caller = KouponCaller(stack.koupon.url)
    return caller.offer_ids(consumer=LOAD.consumers[CONSUMER])


def test_each_customer_of_uniqodo_has_a_code_from_the_start(till: Till, stack: LocalStack) -> None:
    codes = [one for one in stack.uniqodo.detail()["codes"] if one["user_id"] in USERS]

    assert till.uses == {}
    assert len(codes) == len(LOAD.users)
    assert all(code["expires_at"] for code in codes)


def test_a_redemption_before_the_watch_is_at_the_providers_and_not_expected_as_news(
    till: Till, stack: LocalStack
) -> None:
    till.do(planned(Act.BEFORE, USER))
    till.do(planned(Act.BEFORE, CONSUMER))

    assert till.uses == {}
    assert (len(records(stack)), stack.koupon.state.redemptions) == (1, 1)


def test_two_redemptions_of_a_code_are_in_the_same_second_and_known_by_two_names(
    till: Till, stack: LocalStack
) -> None:
    till.do(planned(Act.USE_CODE, USER, times=2))

    times = {record["redeemed_at"] for record in records(stack)}
    assert len(till.uses) == 2
    assert len(times) == 1


def test_redemptions_of_an_offer_are_known_by_their_number(till: Till, stack: LocalStack) -> None:
    till.do(planned(Act.USE_OFFER, CONSUMER))
    till.do(planned(Act.USE_OFFER, CONSUMER, times=2))

    names = [name_at_koupon(CONSUMER, MANY_TIMES.offer_id, ordinal) for ordinal in (1, 2, 3)]
    assert list(till.uses) == names
    assert stack.koupon.state.redemptions == 3


def test_the_last_use_of_an_offer_takes_it_away(till: Till, stack: LocalStack) -> None:
    before = offers(stack)
    till.do(planned(Act.USE_LAST_OFFER, CONSUMER))
    after = offers(stack)

    assert ONCE.offer_id in before
    assert ONCE.offer_id not in after
    assert list(till.uses) == [name_at_koupon(CONSUMER, ONCE.offer_id, 1)]


def test_a_void_takes_back_the_latest(till: Till, stack: LocalStack) -> None:
    till.do(planned(Act.USE_OFFER, CONSUMER, times=2))
    till.do(planned(Act.VOID, CONSUMER))

    assert [use.is_reversed for use in till.uses.values()] == [False, True]
    assert stack.koupon.state.voids == 1


def test_a_change_and_a_removal_are_those_of_the_latest_record(
    till: Till, stack: LocalStack
) -> None:
    till.do(planned(Act.USE_CODE, USER, times=2))
    till.do(planned(Act.CHANGE, USER))
    values = [record["order_value"] for record in records(stack)]
    till.do(planned(Act.REMOVE, USER))

    assert values[0] != values[1] == 1.25
    assert [(use.is_changed, use.is_reversed) for use in till.uses.values()] == [
        (False, False),
        (True, True),
    ]
    assert len(records(stack)) == 1


def test_a_redemption_carries_the_time_of_the_moved_clock(till: Till, stack: LocalStack) -> None:
    stack.move_clock(seconds=7200)
    till.do(planned(Act.USE_CODE, USER))

    [use] = till.uses.values()
    [record] = records(stack)
    written = datetime.fromisoformat(str(record["redeemed_at"]))
    assert abs((written - use.at).total_seconds()) < 5
    assert use.at - datetime.now(UTC) > timedelta(hours=1)
