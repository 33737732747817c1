"""A POST is sent once, by the worker that holds the claim, and only when there is time for it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.health import Health
from couponbus.domain.issuing.attempt import Attempt, BatchAnswer, Outcome
from couponbus.domain.issuing.barcode import BarcodeRequest
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.rate_limit import Pace
from couponbus.usecases.invocation import Metric
from tests import factories
from tests.fakes.barcodes import RETRY_AFTER, Fate
from tests.unit.usecases.world import BRAND, PROGRAM, TIMING, World, message

SMALL = replace(factories.any_account(), name=BRAND, batch_max=2)
UNAVAILABLE = LedgerUnavailable("get_item: ReadTimeoutError")


def sizes(world: World) -> list[int]:
    return [len(post.requests) for post in world.barcodes.posts]


def owed(world: World, count: int, *, batch_limit: int | None = None) -> list[Issuance]:
    """Return issuances that wait in the ledger, due now."""
    rows = [
        replace(
            factories.any_issuance(),
            account=BRAND,
            program=PROGRAM.name,
            batch_limit=batch_limit,
            due_at=world.clock.now(),
        )
        for _ in range(count)
    ]
    world.store(*rows)
    return rows


def pause(world: World, seconds: float) -> None:
    world.limiter.paces[BRAND] = Pace(paused_until=world.in_seconds(seconds).timestamp())


def test_a_sign_up_gets_its_barcode() -> None:
    world = World()

    report = world.handle(message())

    assert report.failed == []
    assert world.states == [IssuanceState.ISSUED]
    assert world.issuance.barcode == world.barcodes.of(world.issuance.tracking_code)[0]
    assert world.published_types == ["BarcodeIssued"]
    assert report.metrics == {
        Metric.SIGN_UPS: 1,
        Metric.CALLS: 1,
        Metric.ITEMS_POSTED: 1,
        Metric.ISSUED: 1,
    }


def test_sign_ups_travel_together_as_far_as_their_account_allows() -> None:
    world = World(accounts=[SMALL])

    world.handle(*(message(n, signup_id=f"s-{n}") for n in range(1, 6)))

    assert sizes(world) == [2, 2, 1]
    assert world.states == [IssuanceState.ISSUED] * 5


def test_each_account_is_asked_for_its_own() -> None:
    other = replace(PROGRAM, name="other", account="other")
    world = World(PROGRAM, other, accounts=[SMALL, replace(SMALL, name="other")])

    world.handle(*(message(n, signup_id=f"s-{n}") for n in range(1, 3)))

    assert {post.account for post in world.barcodes.posts} == {BRAND, "other"}
    assert sizes(world) == [2, 2]


def test_what_was_once_refused_together_travels_in_smaller_company() -> None:
    world = World()
    owed(world, 2)
    owed(world, 5, batch_limit=2)
    owed(world, 1, batch_limit=500)

    world.cycle(seconds=0)

    assert sorted(sizes(world)) == [1, 2, 2, 3]


def test_the_claim_is_in_the_ledger_before_anything_is_sent() -> None:
    world = World()
    seen: list[Issuance] = []

    def observe(requests: Sequence[BarcodeRequest]) -> BatchAnswer:
        seen.extend(world.issuances)
        return BatchAnswer(
            attempts=[Attempt(outcome=Outcome.UNKNOWN, reason="?")] * len(requests),
            health=Health.FAILING,
        )

    world.barcodes.will(observe)
    end = world.in_seconds(60)
    world.handle(message(1, signup_id="a"), message(2, signup_id="b"))

    assert [one.state for one in seen] == [IssuanceState.REQUESTED] * 2
    assert {one.claim_deadline for one in seen} == {end}
    assert {one.ready_at for one in seen} == {end + timedelta(seconds=TIMING.skew + TIMING.settle)}
    assert len({one.claim_id for one in seen}) == 1


def test_a_post_ends_by_its_own_deadline() -> None:
    world = World()

    world.handle(message())

    assert world.barcodes.posts[0].deadline == world.in_seconds(TIMING.post)


def test_without_time_for_a_post_nothing_is_claimed() -> None:
    world = World()

    report = world.handle(message(), within=34.9)

    assert report.failed == []
    assert report.metrics[Metric.POSTPONED] == 1
    assert (world.issuance.state, world.issuance.attempt) == (IssuanceState.PENDING, 0)
    assert world.barcodes.posts == []
    world.cycle(seconds=0)
    assert world.states == [IssuanceState.ISSUED]


def test_with_just_enough_time_it_is_sent() -> None:
    world = World()

    world.handle(message(), within=35.0)

    assert world.states == [IssuanceState.ISSUED]


def test_while_the_provider_is_busy_sign_ups_wait_in_the_ledger() -> None:
    world = World()
    pause(world, 100 + TIMING.slot_wait)
    until = world.in_seconds(100)

    report = world.handle(message())

    assert report.failed == []
    assert (world.issuance.state, world.issuance.ready_at) == (IssuanceState.PENDING, until)
    assert world.issuance.due_at == until
    world.cycle(seconds=100)
    assert world.states == [IssuanceState.ISSUED]
    assert world.issuance.attempt == 1


def test_a_slot_that_comes_soon_is_waited_for() -> None:
    world = World()
    pause(world, 3)

    world.handle(message())

    assert world.clock.slept == [3.0]
    assert world.states == [IssuanceState.ISSUED]


def test_a_slot_that_leaves_too_little_time_is_given_up_before_anything_is_sent() -> None:
    world = World()
    pause(world, 3)

    report = world.handle(message(), within=37)

    assert world.barcodes.posts == []
    assert report.metrics[Metric.RELEASED] == 1
    assert (world.issuance.state, world.issuance.ready_at) == (
        IssuanceState.PENDING,
        world.in_seconds(TIMING.backoff),
    )
    world.cycle()
    assert world.states == [IssuanceState.ISSUED]


def test_an_account_that_is_not_configured_waits_and_is_counted() -> None:
    world = World(replace(PROGRAM, account="unknown"))

    report = world.handle(message())

    assert report.failed == []
    assert report.metrics[Metric.MISCONFIGURED] == 1
    assert world.issuance.state is IssuanceState.PENDING
    assert world.issuance.ready_at == world.in_seconds(TIMING.backoff_cap)
    assert world.barcodes.posts == []


def test_without_a_slot_nothing_is_sent_and_the_message_comes_again() -> None:
    world = World()
    world.limiter.failure = UNAVAILABLE

    report = world.handle(message())

    assert report.failed == ["m-signup-1"]
    assert world.ledger.rows == {}
    assert world.barcodes.posts == []


def test_without_a_slot_what_waits_in_the_ledger_waits_on() -> None:
    world = World()
    (row,) = owed(world, 1)
    world.limiter.failure = UNAVAILABLE

    report = world.cycle(seconds=0)

    assert report.failed == []
    assert world.issuances[0].state is IssuanceState.PENDING
    world.limiter.failure = None
    world.cycle(seconds=TIMING.handover)
    assert len(world.barcodes.of(row.tracking_code)) == 1


def test_without_a_claim_nothing_is_sent_and_the_message_comes_again() -> None:
    world = World()
    world.ledger.will_fail("write", times=3)

    report = world.handle(message())

    assert report.failed == ["m-signup-1"]
    assert world.barcodes.posts == []


def test_a_claim_whose_answer_was_lost_is_ones_own() -> None:
    world = World()
    world.ledger.will_lose_the_answer()

    report = world.handle(message())

    assert report.failed == []
    assert world.states == [IssuanceState.ISSUED]
    assert sizes(world) == [1]


def test_a_barcode_that_could_not_be_stored_is_found_again() -> None:
    world = World()
    world.ledger.will_fail("write", times=3, after=2)

    report = world.handle(message())

    assert report.failed == []
    assert world.states == [IssuanceState.REQUESTED]
    world.cycle(seconds=700)
    assert world.states == [IssuanceState.ISSUED]
    assert sizes(world) == [1]


def test_all_workers_hear_how_a_call_went() -> None:
    world = World()
    world.barcodes.will(Fate.THROTTLED)

    world.handle(message())

    assert world.limiter.reports == [(BRAND, Health.THROTTLED, RETRY_AFTER)]


def test_a_refused_key_is_counted_and_loses_nothing() -> None:
    world = World()
    world.barcodes.will(Fate.UNAUTHORISED)

    report = world.handle(message())

    assert report.metrics[Metric.UNAUTHORISED] == 1
    assert world.states == [IssuanceState.PENDING]
    world.cycle()
    assert world.states == [IssuanceState.ISSUED]


def test_what_belongs_to_no_request_is_counted() -> None:
    world = World()
    world.barcodes.will(
        lambda requests: BatchAnswer(
            attempts=[Attempt(outcome=Outcome.UNKNOWN, reason="?")] * len(requests),
            health=Health.GOOD,
            anomalies=3,
        )
    )

    report = world.handle(message())

    assert report.metrics[Metric.ANOMALIES] == 3
    assert report.metrics[Metric.UNKNOWN] == 1
