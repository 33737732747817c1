"""The batch of a POST: stored before its claims, closed when what it issued is published."""

from collections import Counter
from collections.abc import Sequence

import pytest

from couponbus.aws.ledger.retention import CLOSED, kept_until
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.row import Row
from couponbus.events.base import PublishedEvent
from couponbus.ports.shared import Conflict
from couponbus.usecases.store import WRITE_TRIES
from tests.fakes.barcodes import Fate
from tests.fakes.unreliable_ledger import UnreliableLedger
from tests.unit.usecases.issuing.batching import (
    CLAIMED,
    COMMITTED,
    LOST,
    PREPARED,
    SETTLED,
    batch,
    ids_on_the_bus,
    sign_up,
)
from tests.unit.usecases.world import INVOCATION, TIMING, World


class ListingLedger(UnreliableLedger):
    """Lists the kinds of rows in each write, with what became of the issuances."""

    def __init__(self) -> None:
        super().__init__()
        self.listed: list[set[str]] = []

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        self.listed.append({_named(row) for row in rows})
        return super().write(rows)


def _named(row: Row) -> str:
    return f"{row.key.partition('#')[0]} {getattr(row, 'state', '')}".strip()


def test_the_batch_is_stored_before_its_claims_and_closed_after_its_barcodes() -> None:
    ledger = ListingLedger()
    world = World(ledger=ledger)

    sign_up(world)

    assert ledger.listed == [{"BATCH"}, {"ISSUANCE REQUESTED"}, {"ISSUANCE ISSUED"}, {"BATCH"}]


def test_the_issuer_publishes_what_it_has_stored_and_closes_the_batch() -> None:
    world = World()

    report = sign_up(world, 3)

    assert (report.failed, report.undone) == ([], {})
    assert world.published_types == ["BarcodeIssued"] * 3
    assert len(set(ids_on_the_bus(world))) == 3
    assert {(one.unpublished, one.due_at, one.claim_id) for one in world.issuances} == {
        (False, None, batch(world).batch_id)
    }
    closed = batch(world)
    assert (closed.due_at, closed.closed_at) == (None, world.clock.now())
    assert kept_until(closed) == world.clock.now() + CLOSED


def test_an_event_is_published_only_after_its_barcode_is_stored() -> None:
    world = World()
    stored: list[IssuanceState] = []
    publish = world.bus.publish

    def publishing(events: Sequence[PublishedEvent]) -> Sequence[int]:
        stored.extend(world.states)
        return publish(events)

    world.bus.publish = publishing  # type: ignore[method-assign]

    sign_up(world)

    assert stored == [IssuanceState.ISSUED]


def test_without_its_batch_nothing_is_claimed_and_the_messages_come_again() -> None:
    world = World()
    world.ledger.will_fail("write", times=WRITE_TRIES)

    report = sign_up(world, 2)
    nothing = ([*world.ledger.rows], [*world.barcodes.posts])
    again = sign_up(world, 2)

    assert report.failed == ["m-s-1", "m-s-2"]
    assert nothing == ([], [])
    assert again.failed == []
    assert world.states == [IssuanceState.ISSUED] * 2


def test_a_batch_that_the_table_does_not_take_is_named_and_nothing_is_claimed() -> None:
    world = World()
    world.ledger.unfit.add("BATCH#id-1")

    report = sign_up(world)

    assert (report.failed, report.broken) == (["m-s-1"], frozenset({"BATCH#id-1"}))
    assert world.issuances == []


def test_a_batch_that_the_table_takes_no_more_is_named_by_its_worker_and_by_the_sweeper() -> None:
    world = World()
    named = "BATCH#id-1"
    world.ledger.will_be_overtaken(lambda: world.ledger.unfit.add(named), after=COMMITTED)

    report = sign_up(world)
    world.clock.pass_time(LOST)
    swept = world.sweep()

    assert (report.failed, report.broken) == ([], frozenset({named}))
    assert (swept.published, swept.broken) == (1, frozenset({named}))


def test_a_batch_whose_answer_was_lost_is_the_same_batch() -> None:
    world = World()
    world.ledger.will_lose_the_answer()

    report = sign_up(world)

    assert report.failed == []
    assert world.states == [IssuanceState.ISSUED]
    assert batch(world).closed_at is not None


def test_out_of_time_between_batch_and_claims_nothing_is_claimed_and_the_batch_ends_empty() -> None:
    world = World()
    at_most = INVOCATION - TIMING.needed_to_post.total_seconds()
    world.ledger.will_be_overtaken(lambda: world.clock.pass_time(at_most + 1))

    report = sign_up(world)
    attempt = world.issuance.attempt
    world.clock.pass_time(SETTLED)
    world.sweep()

    assert (report.failed, attempt, world.barcodes.posts) == ([], 0, [])
    assert batch(world).closed_at == world.clock.now()
    world.deliver()
    assert world.states == [IssuanceState.ISSUED]


def test_a_commit_whose_answer_was_lost_is_published_at_once() -> None:
    world = World()
    world.ledger.will_lose_the_answer(after=CLAIMED)

    report = sign_up(world, 2)

    assert report.failed == []
    assert world.published_types == ["BarcodeIssued"] * 2
    assert batch(world).closed_at is not None


def test_one_that_was_decided_otherwise_meanwhile_needs_its_batch_no_more() -> None:
    world = World()

    def overtake() -> None:
        row = world.issuances[0]
        now = world.clock.now()
        decided = row.ambiguous(numbers=(), reason="other", now=now, publish_by=now)
        world.ledger.rows[row.key] = decided.written("theirs")

    world.ledger.will_be_overtaken(overtake, after=CLAIMED)
    sign_up(world, 2)

    assert Counter(world.states) == {IssuanceState.AMBIGUOUS: 1, IssuanceState.ISSUED: 1}
    assert world.published_types == ["BarcodeIssued"]
    assert batch(world).closed_at is not None


@pytest.mark.parametrize("fate", [Fate.THROTTLED, Fate.BATCH_REFUSED, Fate.LOST_AFTER])
def test_what_got_no_clear_barcode_is_due_itself_and_the_batch_is_closed(fate: Fate) -> None:
    world = World()
    world.barcodes.will(fate)

    sign_up(world, 2)

    assert world.published_types == []
    assert all(one.due_at is not None for one in world.issuances)
    assert batch(world).closed_at is not None


def test_a_commit_that_never_got_an_answer_is_published_by_the_sweeper() -> None:
    world = World()
    world.ledger.will_lose_the_answer(times=WRITE_TRIES, after=CLAIMED)

    sign_up(world, 2)
    early = world.published_types
    world.clock.pass_time(LOST)
    report = world.sweep()

    assert (world.states, early) == ([IssuanceState.ISSUED] * 2, [])
    assert (report.published, report.handed_over) == (2, 0)
    assert batch(world).closed_at is not None


def test_a_claim_that_was_stored_before_it_was_refused_keeps_its_batch() -> None:
    elsewhere, world = World(), World()
    sign_up(elsewhere, 3)
    first, second, _ = (one.key for one in elsewhere.issuances)
    unfit = world.ledger.unfit
    world.ledger.will_be_overtaken(lambda: unfit.add(first), after=PREPARED)
    # The others are stored; as one cannot be, they are written again.
    world.ledger.will_be_overtaken(lambda: unfit.add(second))

    sign_up(world, 3)
    unfit.clear()
    for _ in range(30):
        world.cycle()

    (stored,) = (one for one in world.issuances if one.key == second)
    assert stored.state is IssuanceState.ISSUED
    assert len(world.barcodes.made) == 2
