"""The effect of each outcome of a POST on an issuance: only proof allows another POST at once."""

from collections.abc import Callable, Sequence
from itertools import product

import pytest

from couponbus.domain.health import Health
from couponbus.domain.issuing.attempt import Attempt, BatchAnswer, Blame, Outcome
from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest
from couponbus.domain.issuing.doubt import ATTEMPTS_ALONE
from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from couponbus.usecases.invocation import Metric
from tests import factories
from tests.unit.usecases.world import TIMING, World, message

SENT = 5
HALF = 3
SETTLED = TIMING.settle + TIMING.skew
type Answer = Callable[[Sequence[BarcodeRequest]], BatchAnswer]
type Expected = tuple[IssuanceState, float | None, int | None]

WAITS = (IssuanceState.PENDING, TIMING.backoff, None)
AT_ONCE_IN_HALVES = (IssuanceState.PENDING, 0.0, HALF)
REFUSED = (IssuanceState.REJECTED, None, None)
LOOKED_UP_LATE = (IssuanceState.REQUESTED, SETTLED, None)
LOOKED_UP_SOON = (IssuanceState.REQUESTED, TIMING.answered_settle, None)
LOOKED_UP_SOON_IN_HALVES = (IssuanceState.REQUESTED, TIMING.answered_settle, HALF)

TABLE: dict[tuple[Outcome, Blame], Expected] = {
    (Outcome.NOT_SENT, Blame.TRANSIENT): WAITS,
    (Outcome.NOT_SENT, Blame.ACCOUNT): WAITS,
    (Outcome.NOT_SENT, Blame.BATCH): AT_ONCE_IN_HALVES,
    (Outcome.NOT_SENT, Blame.ITEM): WAITS,
    (Outcome.REFUSED, Blame.TRANSIENT): WAITS,
    (Outcome.REFUSED, Blame.ACCOUNT): WAITS,
    (Outcome.REFUSED, Blame.BATCH): AT_ONCE_IN_HALVES,
    (Outcome.REFUSED, Blame.ITEM): REFUSED,
    # Reported as applied, but without a barcode: the outcome is unknown.
    (Outcome.APPLIED, Blame.TRANSIENT): LOOKED_UP_LATE,
    (Outcome.APPLIED, Blame.ACCOUNT): LOOKED_UP_SOON,
    (Outcome.APPLIED, Blame.BATCH): LOOKED_UP_SOON_IN_HALVES,
    (Outcome.APPLIED, Blame.ITEM): LOOKED_UP_SOON,
    (Outcome.UNKNOWN, Blame.TRANSIENT): LOOKED_UP_LATE,
    (Outcome.UNKNOWN, Blame.ACCOUNT): LOOKED_UP_SOON,
    (Outcome.UNKNOWN, Blame.BATCH): LOOKED_UP_SOON_IN_HALVES,
    (Outcome.UNKNOWN, Blame.ITEM): LOOKED_UP_SOON,
    # The provider has answered, so it has finished, even if the answer is contradictory.
    (Outcome.CONTRADICTED, Blame.TRANSIENT): LOOKED_UP_SOON,
    (Outcome.CONTRADICTED, Blame.ACCOUNT): LOOKED_UP_SOON,
    (Outcome.CONTRADICTED, Blame.BATCH): LOOKED_UP_SOON_IN_HALVES,
    (Outcome.CONTRADICTED, Blame.ITEM): LOOKED_UP_SOON,
}


def all_alike(
    outcome: Outcome, blame: Blame, *, retry_after: float | None = None, reason: str = "said_so"
) -> Answer:
    def answer(requests: Sequence[BarcodeRequest]) -> BatchAnswer:
        attempt = Attempt(outcome=outcome, reason=reason, blame=blame)
        return BatchAnswer(
            attempts=[attempt] * len(requests), health=Health.GOOD, retry_after=retry_after
        )

    return answer


def after(answer: Answer, *, sent: int = SENT) -> tuple[World, Sequence[Issuance]]:
    world = World()
    world.barcodes.will(answer)
    world.handle(*(message(n, signup_id=f"s-{n}") for n in range(1, sent + 1)))
    return world, world.issuances


def test_the_table_is_complete() -> None:
    assert set(TABLE) == set(product(Outcome, Blame))


@pytest.mark.parametrize(("outcome", "blame"), TABLE, ids=lambda one: one.value)
def test_each_outcome_leads_where_it_must(outcome: Outcome, blame: Blame) -> None:
    state, pause, limit = TABLE[outcome, blame]

    world, rows = after(all_alike(outcome, blame))

    ready_at = None if pause is None else world.in_seconds(pause)
    assert {(row.state, row.ready_at, row.batch_limit) for row in rows} == {
        (state, ready_at, limit)
    }
    assert {row.due_at for row in rows} == {ready_at or world.in_seconds(TIMING.publish_grace)}


@pytest.mark.parametrize("blame", Blame)
def test_a_barcode_counts_whichever_side_is_to_blame(blame: Blame) -> None:
    barcodes: list[Barcode] = []

    def answer(requests: Sequence[BarcodeRequest]) -> BatchAnswer:
        barcodes.extend(factories.any_barcode(of=request) for request in requests)
        attempts = [
            Attempt(outcome=Outcome.APPLIED, reason="created", blame=blame, barcode=barcode)
            for barcode in barcodes
        ]
        return BatchAnswer(attempts=attempts, health=Health.GOOD)

    _, rows = after(answer)

    assert [row.barcode for row in rows] == barcodes
    assert {row.origin for row in rows} == {Origin.ISSUED}


@pytest.mark.parametrize("outcome", [Outcome.NOT_SENT, Outcome.REFUSED])
@pytest.mark.parametrize(("asked", "waited"), [(3.0, TIMING.backoff), (100.0, 100.0)])
def test_the_provider_is_left_alone_for_as_long_as_it_asks(
    outcome: Outcome, asked: float, waited: float
) -> None:
    world, rows = after(all_alike(outcome, Blame.ACCOUNT, retry_after=asked))

    assert {row.ready_at for row in rows} == {world.in_seconds(waited)}


def test_pauses_grow_from_attempt_to_attempt() -> None:
    world = World()
    world.barcodes.will(*[all_alike(Outcome.REFUSED, Blame.ACCOUNT)] * 12)
    world.handle(message())
    pauses = []
    for _ in range(12):
        ready_at = world.issuance.ready_at
        assert ready_at is not None
        pauses.append((ready_at - world.clock.now()).total_seconds())
        world.cycle(seconds=pauses[-1])

    assert pauses[:7] == [10, 20, 40, 80, 160, 320, 640]
    assert set(pauses[7:]) == {TIMING.backoff_cap}
    assert world.states == [IssuanceState.ISSUED]
    assert world.issuance.attempt == 13


def test_the_word_against_an_item_is_kept_until_it_is_certain() -> None:
    _, rows = after(all_alike(Outcome.UNKNOWN, Blame.ITEM, reason="offer_unknown"))

    assert {(row.doubt, row.refusal) for row in rows} == {("offer_unknown", "offer_unknown")}


def test_the_word_against_a_batch_is_no_word_against_an_item() -> None:
    _, rows = after(all_alike(Outcome.UNKNOWN, Blame.BATCH, reason="status_400"))

    assert {(row.doubt, row.refusal) for row in rows} == {("status_400", None)}


@pytest.mark.parametrize(("sent", "limit"), [(1, 1), (2, 1), (3, 2), (13, 7), (200, 100)])
def test_a_refused_batch_comes_again_in_halves(sent: int, limit: int) -> None:
    _, rows = after(all_alike(Outcome.REFUSED, Blame.BATCH), sent=sent)

    assert {row.batch_limit for row in rows} == {limit}


def test_what_befell_the_way_there_leaves_the_batch_as_large_as_it_was() -> None:
    world = World()
    world.barcodes.will(
        all_alike(Outcome.REFUSED, Blame.BATCH), all_alike(Outcome.REFUSED, Blame.ACCOUNT)
    )
    world.handle(*(message(n, signup_id=f"s-{n}") for n in range(1, 5)))

    world.cycle()

    assert {row.batch_limit for row in world.issuances} == {2}


def passed_over(times: int) -> World:
    """Let this number of POSTs of one item alone be answered without it."""
    world = World()
    silence = all_alike(Outcome.UNKNOWN, Blame.BATCH, reason="missing_in_answer")
    world.barcodes.will(*[silence] * times)
    world.handle(message())
    for _ in range(4 * times):
        world.cycle()
    return world


def test_an_item_that_is_passed_over_in_silence_again_and_again_is_left_to_a_human() -> None:
    world = passed_over(ATTEMPTS_ALONE)

    assert (world.issuance.state, world.issuance.reason) == (
        IssuanceState.AMBIGUOUS,
        "missing_in_answer",
    )
    assert len(world.barcodes.posts) == ATTEMPTS_ALONE


def test_an_item_that_is_passed_over_less_often_is_asked_for_again() -> None:
    world = passed_over(ATTEMPTS_ALONE - 1)

    assert world.states == [IssuanceState.ISSUED]
    assert len(world.barcodes.posts) == ATTEMPTS_ALONE


def test_what_contradicts_itself_is_never_sent_again_unless_a_human_says_so() -> None:
    world = World()
    attempt = Attempt(
        outcome=Outcome.CONTRADICTED, reason="answered_twice", candidates=("0024", "0042")
    )
    world.barcodes.will(
        lambda requests: BatchAnswer(attempts=[attempt], health=Health.GOOD, unexplained=1)
    )

    report = world.handle(message())
    for _ in range(60):
        world.cycle()

    assert report.metrics[Metric.UNEXPLAINED] == 1
    assert (world.issuance.state, world.issuance.reason) == (
        IssuanceState.AMBIGUOUS,
        "answered_twice",
    )
    assert world.issuance.candidates == ("0024", "0042")
    assert len(world.barcodes.posts) == 1


def test_a_broken_way_says_nothing_about_the_item() -> None:
    world = World()
    world.barcodes.will(*[all_alike(Outcome.UNKNOWN, Blame.TRANSIENT, reason="read_timeout")] * 6)
    world.handle(message())

    for _ in range(150):
        world.cycle()

    assert world.states == [IssuanceState.ISSUED]
    assert len(world.barcodes.posts) == 7
