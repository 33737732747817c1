"""While a provider fails, few rows are risked and waiting rows are not written."""

from dataclasses import replace

import pytest

from couponbus.domain.circuit_breaker import (
    FAILURES_TO_OPEN,
    RECOVERY,
    RECOVERY_CAP,
    Breaker,
    Purpose,
)
from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    GatewayAnswered,
    GatewayDenied,
    ProviderError,
    ProviderUnavailable,
)
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.rate_limit import NoSlot, Obstacle, Pace, Reservation
from couponbus.usecases.invocation import Metric
from couponbus.usecases.rate_limited_calls import CALL_TIMEOUT, SAVE_MARGIN
from tests import factories
from tests.fakes.barcodes import Fate
from tests.unit.usecases.world import BRAND, INVOCATION, PROGRAM, TIMING, World, message

BATCH = 200
ACCOUNT = replace(factories.any_account(), name=BRAND, batch_max=BATCH)
MINUTES = 30


def world_of_batches() -> World:
    return World(accounts=[ACCOUNT])


def opened(world: World, *, openings: int = 1) -> None:
    """Set the breaker of POSTs to this number of openings, with a probe due."""
    world.limiter.paces[BRAND] = Pace(posts=Breaker(failures=9, openings=openings))


def arrive(world: World, number: int, *, count: int = BATCH) -> None:
    first = number * BATCH
    world.handle(*(message(first + n, signup_id=f"s-{first + n}") for n in range(1, count + 1)))


def silent(world: World, *, questions: int) -> None:
    world.barcodes.will_not_answer_questions(
        *[ProviderUnavailable("status_503", provider="coniq", route="GET /barcode")] * questions
    )


def sizes(world: World) -> list[int]:
    return [len(post.requests) for post in world.barcodes.posts]


def test_after_a_post_that_failed_one_row_is_risked_at_a_time() -> None:
    world = world_of_batches()
    world.barcodes.will(*[Fate.LOST_BEFORE] * FAILURES_TO_OPEN)

    arrive(world, 0)
    arrive(world, 1)

    assert sizes(world) == [BATCH, 1, 1, 1, 1]
    assert world.states.count(IssuanceState.REQUESTED) == BATCH + 4


def test_a_probe_that_succeeds_takes_the_others_along_at_once() -> None:
    world = world_of_batches()
    opened(world)

    arrive(world, 0)

    assert sizes(world) == [1, BATCH - 1]
    assert world.states == [IssuanceState.ISSUED] * BATCH


def test_a_harmless_question_goes_first_and_without_an_answer_nothing_is_risked() -> None:
    world = world_of_batches()
    opened(world)
    silent(world, questions=1)

    arrive(world, 0)

    assert sizes(world) == []
    assert world.states == [IssuanceState.PENDING] * BATCH
    assert world.ledger.writes == BATCH


def test_where_questions_alone_fail_barcodes_are_had_all_the_same() -> None:
    world = world_of_batches()
    opened(world)
    silent(world, questions=10**3)

    arrive(world, 0, count=5)
    for _ in range(60):
        world.cycle()

    assert world.states == [IssuanceState.ISSUED] * 5


def test_an_answer_that_cannot_be_read_is_an_answer() -> None:
    world = world_of_batches()
    opened(world)
    world.barcodes.will_not_answer_questions(
        ContractBroken("unreadable_answer", provider="coniq", route="GET /barcode")
    )

    arrive(world, 0)

    assert world.states == [IssuanceState.ISSUED] * BATCH


@pytest.mark.parametrize("kind", [GatewayAnswered, GatewayDenied, CredentialsRefused])
def test_what_stands_before_the_provider_is_no_answer_of_it(kind: type[ProviderError]) -> None:
    world = world_of_batches()
    opened(world)
    failing = Breaker(failures=9, openings=1, failing_since=7.0)
    world.limiter.paces[BRAND] = replace(world.limiter.paces[BRAND], gets=failing)
    world.barcodes.will_not_answer_questions(
        kind("status_404", provider="coniq", route="GET /barcode")
    )

    arrive(world, 0)

    assert sizes(world) == []
    pace = world.limiter.paces[BRAND]
    assert (pace.gets.failing_since, pace.gets.openings, pace.posts.openings) == (7, 2, 2)


def test_look_ups_that_never_get_a_slot_keep_a_healthy_provider_from_no_post() -> None:
    world = world_of_batches()
    opened(world)
    reservation = world.limiter.reserve

    def without_questions(
        *, account: str, calls: int, within: float, purpose: Purpose, items: int = 0
    ) -> Reservation | NoSlot:
        if purpose is Purpose.GET:
            return NoSlot(until=world.in_seconds(100).timestamp(), why=Obstacle.SLOTS)
        return reservation(
            account=account, calls=calls, within=within, purpose=purpose, items=items
        )

    world.limiter.reserve = without_questions  # type: ignore[method-assign, assignment]
    arrive(world, 0)
    for _ in range(MINUTES):
        world.cycle()

    assert world.states == [IssuanceState.ISSUED] * BATCH


@pytest.mark.parametrize("fate", [Fate.LOST_BEFORE, Fate.THROTTLED, Fate.UNAUTHORISED])
def test_a_sign_up_of_a_long_outage_costs_one_write_until_it_ends(fate: Fate) -> None:
    world = world_of_batches()
    world.barcodes.will(*[fate] * 10**3)
    silent(world, questions=10**3)
    arrive(world, 0)
    before = world.ledger.writes

    for number in range(1, MINUTES + 1):
        world.clock.pass_time(60)
        arrive(world, number, count=10)

    # One write per row, and two per probe, with at most one probe every minute or two.
    assert world.ledger.writes - before <= 10 * MINUTES + 3 * MINUTES
    assert max(len(one.trail) for one in world.issuances) <= 10


def test_what_was_handed_over_while_the_provider_is_busy_is_due_when_it_is_not() -> None:
    world = world_of_batches()
    rows = [
        replace(factories.any_issuance(), account=BRAND, program=PROGRAM.name) for _ in range(3)
    ]
    world.store(*(replace(row, due_at=world.clock.now()) for row in rows))
    world.sweep()
    before = world.ledger.writes
    world.limiter.paces[BRAND] = Pace(paused_until=world.in_seconds(100).timestamp())

    report = world.deliver()

    assert report.metrics[Metric.POSTPONED] == 3
    assert world.ledger.writes - before == 3
    for _ in range(2):  # while it is busy, nothing is handed over or written
        world.cycle(seconds=1.0)
    assert world.ledger.writes - before == 3
    world.cycle(seconds=98.0)
    assert world.states == [IssuanceState.ISSUED] * 3


def test_the_end_of_an_outage_is_noticed_within_a_minute_or_two() -> None:
    world = world_of_batches()
    world.barcodes.will(*[Fate.LOST_BEFORE] * FAILURES_TO_OPEN)
    silent(world, questions=10**3)
    for number in range(30):
        arrive(world, number, count=1)
        world.clock.pass_time(RECOVERY)
    world.barcodes.answers_questions_again()
    since = world.clock.now()

    number = 30
    while world.limiter.paces[BRAND].posts.is_open:
        arrive(world, number, count=1)
        world.clock.pass_time(5)
        number += 1

    assert (world.clock.now() - since).total_seconds() <= 2 * RECOVERY_CAP


@pytest.mark.parametrize("seconds", [1.0, CALL_TIMEOUT.total_seconds()])
def test_questions_end_in_time_to_store_what_was_learned(seconds: float) -> None:
    world = world_of_batches()
    world.barcodes.will(Fate.LOST_BEFORE)
    arrive(world, 0, count=90)
    asked: list[float] = []
    find = world.barcodes.find

    def slow(**asking: object) -> object:
        asked.append((end - world.clock.now()).total_seconds())
        world.clock.pass_time(seconds)
        return find(**asking)  # type: ignore[arg-type]

    world.barcodes.find = slow  # type: ignore[method-assign, assignment]
    world.clock.pass_time(TIMING.settle + TIMING.skew)
    world.sweep()
    end = world.in_seconds(INVOCATION)
    world.deliver()

    assert len(asked) > 3
    assert min(asked) >= (CALL_TIMEOUT + SAVE_MARGIN).total_seconds()
    searched = [one for one in world.issuances if one.lookups]
    assert len(searched) == len(asked)
