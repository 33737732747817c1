"""However a count changes, redemptions recorded less those reversed are its growth."""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.polling.compare_koupon import KNOWN_MAX
from couponbus.domain.polling.recorded_redemption import LastEvent, RecordedRedemption
from couponbus.domain.polling.snapshot import OfferSnapshot
from couponbus.domain.provider import Provider
from tests.thorough import thorough
from tests.unit.domain.polling.snapshots import WatchHarness, a_watch, an_offer, offers, polled_once

NAMES = ("1", "2", "3")
STARTING = st.fixed_dictionaries(dict.fromkeys(NAMES, st.integers(0, 4)))


@dataclass(frozen=True, slots=True)
class Step:
    """The counts change, then a poll shows some offers, doubtful or not; the bus is up or down."""

    counts: dict[str, int]
    shown: int
    is_doubtful: bool
    is_bus_down: bool
    illegible: str | None
    is_due: bool


STEPS = st.builds(
    Step,
    counts=st.dictionaries(st.sampled_from(NAMES), st.integers(0, 12), max_size=2),
    shown=st.sampled_from([3, 3, 3, 2, 1, 0]),
    is_doubtful=st.sampled_from([False, False, True]),
    is_bus_down=st.booleans(),
    illegible=st.sampled_from([None, None, *NAMES]),
    is_due=st.booleans(),
)


@dataclass(slots=True)
class Chain:
    """The counts of one consumer, and the harness that polls them."""

    harness: WatchHarness
    counts: dict[str, int] = field(default_factory=dict)

    def take(self, step: Step) -> None:
        self.counts.update(step.counts)
        shown = self.shown()[: step.shown]
        blurred = [
            an_offer(one.offer_id, None) if one.offer_id == step.illegible else one for one in shown
        ]
        snapshot = offers(
            *blurred,
            is_complete=len(shown) == len(NAMES),
            is_doubtful=step.is_doubtful or step.illegible is not None,
        )
        self.harness.is_bus_down = step.is_bus_down
        _ = self.harness.record(snapshot) if step.is_due else self.harness.poll(snapshot)

    def shown(self) -> list[OfferSnapshot]:
        return [an_offer(name, count) for name, count in self.counts.items()]

    def rest(self) -> None:
        self.harness.is_bus_down = False
        self.harness.publish()
        self.harness.settle(offers(*self.shown()))


@thorough(300, few=60)
@given(STARTING, st.lists(STEPS, min_size=12, max_size=30))
def test_what_is_published_adds_up_to_what_the_counts_became(
    before: dict[str, int], steps: list[Step]
) -> None:
    snapshot = offers(*(an_offer(name, count) for name, count in before.items()))
    chain = Chain(polled_once(a_watch(Provider.KOUPON), snapshot), dict(before))

    for step in steps:
        chain.take(step)
    chain.rest()

    rows = [row for row in chain.harness.published if isinstance(row, RecordedRedemption)]
    for name in NAMES:
        balance = sum(_worth(row) for row in rows if row.offer_id == name)
        assert balance == chain.counts[name] - before[name]
    events = Counter((row.key, row.outcomes) for row in rows)
    assert set(events.values()) <= {1}
    assert chain.harness.notices() == []
    assert chain.harness.watch.recorded == sum(row.last_event is LastEvent.RECORDED for row in rows)
    assert chain.harness.poll(offers(*chain.shown())) is None


@thorough(40, few=10)
@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(1, 60), st.booleans()), min_size=4, max_size=12
    )
)
def test_whatever_comes_and_goes_what_is_known_is_bounded(
    lists: list[tuple[int, int, bool]],
) -> None:
    harness = polled_once(a_watch(Provider.KOUPON), offers())

    for first, length, is_settled in lists:
        snapshot = offers(*(an_offer(f"offer-{n}", 1) for n in range(first, first + 4 * length)))
        if is_settled:
            harness.settle(snapshot)
        else:
            harness.record(snapshot)

    assert len(harness.watch.offers) <= KNOWN_MAX
    names = [one.offer_id for one in harness.watch.offers]
    assert len(set(names)) == len(names)
    for one in harness.watch.offers:
        assert one.count == one.baseline + len(one.active)


def _worth(row: RecordedRedemption) -> int:
    return {LastEvent.RECORDED: 1, LastEvent.REVERSED: -1}.get(
        row.last_event or LastEvent.UPDATED, 0
    )
