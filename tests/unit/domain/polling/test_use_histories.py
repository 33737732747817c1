"""Whatever happens at Uniqodo, and however badly it is shown: what is told is what happened."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.polling.recorded_redemption import (
    LastEvent,
    RecordedRedemption,
    RedemptionState,
)
from couponbus.domain.polling.redemption import Redemption
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.provider import Provider
from tests.thorough import thorough
from tests.unit.domain.polling.snapshots import Desk, a_use, a_watch, uses

NUMBERS = st.integers(0, 3)
VALUES = st.sampled_from(["1.00", "2.00", "3.00"])


@dataclass(slots=True)
class Shop:
    """The redemptions at the provider, each with its values so far (None: gone), and a poller."""

    desk: Desk
    values: dict[int, list[str | None]] = field(default_factory=dict)
    lacking: list[set[int]] = field(default_factory=list)

    def redeem(self, number: int, value: str) -> None:
        self.values.setdefault(number, []).append(value)

    def take_back(self, number: int) -> None:
        if number in self.there():
            self.values[number].append(None)

    def look(self) -> None:
        self.desk.look(self.whole())

    def poll(self) -> None:
        self.desk.poll(self.whole())

    def poll_partly(self, kept: int) -> None:
        self.desk.poll(uses(*self.shown()[:kept], is_complete=False))

    def poll_blurred(self) -> None:
        blurred = [a_use(number, value=None) for number in self.there()]
        self.desk.poll(uses(*blurred, is_doubtful=True))

    def stop_publishing(self) -> None:
        self.desk.is_bus_down = True

    def publish(self) -> None:
        self.desk.is_bus_down = False
        self.desk.publish()

    def there(self) -> dict[int, str]:
        last = {number: values[-1] for number, values in self.values.items()}
        return {number: value for number, value in last.items() if value is not None}

    def shown(self) -> list[Redemption]:
        return [a_use(number, value=value) for number, value in self.there().items()]

    def whole(self) -> Snapshot:
        self.lacking.append(set(range(4)) - set(self.there()))
        return uses(*self.shown())

    def told_of(self, number: int) -> list[RecordedRedemption]:
        told = [row for row in self.desk.told if isinstance(row, RecordedRedemption)]
        return [row for row in told if row.native_id == str(number)]


type Step = Callable[[Shop], None]

STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(lambda n, value: lambda shop: shop.redeem(n, value), NUMBERS, VALUES),
    st.builds(lambda n: lambda shop: shop.take_back(n), NUMBERS),
    st.builds(lambda n: lambda shop: shop.poll_partly(n), NUMBERS),
    st.sampled_from([Shop.look, Shop.look, Shop.poll, Shop.poll_blurred]),
    st.sampled_from([Shop.stop_publishing, Shop.stop_publishing, Shop.publish]),
)


@thorough(300, few=75)
@given(st.dictionaries(NUMBERS, VALUES, max_size=3), st.lists(STEPS, min_size=20, max_size=40))
def test_what_is_told_is_what_happened(before: dict[int, str], steps: list[Step]) -> None:
    shop = Shop(Desk(watch=a_watch(Provider.UNIQODO)))
    for number, value in before.items():
        shop.redeem(number, value)
    shop.look()

    for step in steps:
        step(shop)
    shop.publish()
    shop.desk.settle(shop.whole())

    for number in shop.values:
        told = shop.told_of(number)
        if number in before:
            assert told == []
        elif told:
            assert_it_makes_sense(told)
            assert_it_is_true(told, shop, number)
        else:
            assert number not in shop.there()
    assert shop.desk.watch.recorded == sum(bool(shop.told_of(number)) for number in shop.values)
    assert shop.desk.poll(shop.whole()) is None


def assert_it_makes_sense(told: list[RecordedRedemption]) -> None:
    """Recorded once and first, numbered without a gap, never reversed twice in a row."""
    assert [row.outcomes for row in told] == list(range(1, len(told) + 1))
    assert [row.last_event for row in told].index(LastEvent.RECORDED) == 0
    assert sum(row.last_event is LastEvent.RECORDED for row in told) == 1
    assert all(
        not (one.last_event is other.last_event is LastEvent.REVERSED)
        for one, other in pairwise(told)
    )


def assert_it_is_true(told: list[RecordedRedemption], shop: Shop, number: int) -> None:
    """The last word is what is there, and each before it was, in this order."""
    last, there = told[-1], shop.there().get(number)
    assert (last.state is RedemptionState.RECORDED) == (there is not None)
    assert there in (None, last.value.order_value)
    clear = [row.value.order_value for row in told if row.value.order_value is not None]
    assert is_in_order([value for value, _ in groupby(clear)], within=shop.values[number])
    reversals = sum(row.last_event is LastEvent.REVERSED for row in told)
    assert reversals <= sum(number in lacking for lacking in shop.lacking) // 2


def is_in_order(values: list[str], *, within: list[str | None]) -> bool:
    """Whether these values are there in this order, perhaps with others between them."""
    left = iter(within)
    return all(value in left for value in values)
