"""Whatever happens at Uniqodo, however badly it is shown: what is published is what happened."""

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
from tests.unit.domain.polling.snapshots import WatchHarness, a_use, a_watch, uses

NUMBERS = st.integers(0, 3)
VALUES = st.sampled_from(["1.00", "2.00", "3.00"])


@dataclass(slots=True)
class Shop:
    """The redemptions at the provider, each with its values so far (None: gone), and a poller."""

    harness: WatchHarness
    values: dict[int, list[str | None]] = field(default_factory=dict)
    lacking: list[set[int]] = field(default_factory=list)

    def redeem(self, number: int, value: str) -> None:
        self.values.setdefault(number, []).append(value)

    def take_back(self, number: int) -> None:
        if number in self.there():
            self.values[number].append(None)

    def record(self) -> None:
        self.harness.record(self.whole())

    def poll(self) -> None:
        self.harness.poll(self.whole())

    def poll_partly(self, kept: int) -> None:
        self.harness.poll(uses(*self.shown()[:kept], is_complete=False))

    def poll_blurred(self) -> None:
        blurred = [a_use(number, value=None) for number in self.there()]
        self.harness.poll(uses(*blurred, is_doubtful=True))

    def stop_publishing(self) -> None:
        self.harness.is_bus_down = True

    def publish(self) -> None:
        self.harness.is_bus_down = False
        self.harness.publish()

    def there(self) -> dict[int, str]:
        last = {number: values[-1] for number, values in self.values.items()}
        return {number: value for number, value in last.items() if value is not None}

    def shown(self) -> list[Redemption]:
        return [a_use(number, value=value) for number, value in self.there().items()]

    def whole(self) -> Snapshot:
        self.lacking.append(set(range(4)) - set(self.there()))
        return uses(*self.shown())

    def published_of(self, number: int) -> list[RecordedRedemption]:
        published = [row for row in self.harness.published if isinstance(row, RecordedRedemption)]
        return [row for row in published if row.native_id == str(number)]


type Step = Callable[[Shop], None]

STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(lambda n, value: lambda shop: shop.redeem(n, value), NUMBERS, VALUES),
    st.builds(lambda n: lambda shop: shop.take_back(n), NUMBERS),
    st.builds(lambda n: lambda shop: shop.poll_partly(n), NUMBERS),
    st.sampled_from([Shop.record, Shop.record, Shop.poll, Shop.poll_blurred]),
    st.sampled_from([Shop.stop_publishing, Shop.stop_publishing, Shop.publish]),
)


@thorough(300, few=75)
@given(st.dictionaries(NUMBERS, VALUES, max_size=3), st.lists(STEPS, min_size=20, max_size=40))
def test_what_is_published_is_what_happened(before: dict[int, str], steps: list[Step]) -> None:
    shop = Shop(WatchHarness(watch=a_watch(Provider.UNIQODO)))
    for number, value in before.items():
        shop.redeem(number, value)
    shop.record()

    for step in steps:
        step(shop)
    shop.publish()
    shop.harness.settle(shop.whole())

    for number in shop.values:
        published = shop.published_of(number)
        if number in before:
            assert published == []
        elif published:
            assert_it_makes_sense(published)
            assert_it_is_true(published, shop, number)
        else:
            assert number not in shop.there()
    assert shop.harness.watch.recorded == sum(
        bool(shop.published_of(number)) for number in shop.values
    )
    assert shop.harness.poll(shop.whole()) is None


def assert_it_makes_sense(published: list[RecordedRedemption]) -> None:
    """Recorded once and first, numbered without a gap, never reversed twice in a row."""
    assert [row.outcomes for row in published] == list(range(1, len(published) + 1))
    assert [row.last_event for row in published].index(LastEvent.RECORDED) == 0
    assert sum(row.last_event is LastEvent.RECORDED for row in published) == 1
    assert all(
        not (one.last_event is other.last_event is LastEvent.REVERSED)
        for one, other in pairwise(published)
    )


def assert_it_is_true(published: list[RecordedRedemption], shop: Shop, number: int) -> None:
    """The last event has the present value, the earlier ones past values in their order."""
    last, there = published[-1], shop.there().get(number)
    assert (last.state is RedemptionState.RECORDED) == (there is not None)
    assert there in (None, last.value.order_value)
    clear = [row.value.order_value for row in published if row.value.order_value is not None]
    assert is_in_order([value for value, _ in groupby(clear)], within=shop.values[number])
    reversals = sum(row.last_event is LastEvent.REVERSED for row in published)
    assert reversals <= sum(number in lacking for lacking in shop.lacking) // 2


def is_in_order(values: list[str], *, within: list[str | None]) -> bool:
    """Whether these values occur in this order, perhaps with others between them."""
    left = iter(within)
    return all(value in left for value in values)
