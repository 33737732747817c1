"""An attempt of unknown outcome is looked up before anything is sent again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
)
from couponbus.domain.health import Health
from couponbus.domain.issuing.issuance import IssuanceState, Origin
from couponbus.usecases.invocation import Metric
from couponbus.usecases.rate_limited_calls import CALL_TIMEOUT, SAVE_MARGIN
from tests import factories
from tests.fakes.barcodes import Fate
from tests.unit.usecases.world import BRAND, INVOCATION, TIMING, World, message

SETTLED = TIMING.settle + TIMING.skew


def in_doubt(fate: Fate = Fate.LOST_BEFORE, *, count: int = 1) -> World:
    world = World()
    world.barcodes.will(fate)
    world.handle(*(message(n, signup_id=f"s-{n}") for n in range(1, count + 1)))
    assert world.states == [IssuanceState.REQUESTED] * count
    return world


def trouble(kind: type[ProviderError]) -> ProviderError:
    return kind("status_500", provider="coniq", route="GET /barcode")


def test_a_barcode_that_was_made_without_an_answer_is_found() -> None:
    world = in_doubt(Fate.LOST_AFTER)

    report = world.cycle(seconds=SETTLED)

    assert report.metrics[Metric.ISSUED] == report.metrics[Metric.LOOKUPS] == 1
    assert (world.issuance.state, world.issuance.origin) == (
        IssuanceState.ISSUED,
        Origin.RECONCILED,
    )
    assert world.issuance.barcode == world.barcodes.of(world.issuance.tracking_code)[0]
    assert len(world.barcodes.posts) == 1


def test_nothing_is_looked_up_before_the_attempt_had_time_to_settle() -> None:
    world = in_doubt(Fate.LOST_AFTER)

    report = world.cycle(seconds=SETTLED - 1)

    assert report.metrics[Metric.LOOKUPS] == 0
    assert world.states == [IssuanceState.REQUESTED]


def test_an_early_reminder_changes_nothing() -> None:
    world = in_doubt(Fate.LOST_AFTER)
    row = world.issuance
    world.ledger.rows[row.key] = replace(row, due_at=world.clock.now())

    report = world.cycle(seconds=0)

    assert report.metrics[Metric.LOOKUPS] == 0


def test_only_two_empty_look_ups_allow_another_post() -> None:
    world = in_doubt()

    world.cycle(seconds=SETTLED)
    once = (world.issuance.state, world.issuance.lookups, len(world.barcodes.posts))
    world.cycle(seconds=TIMING.between_look_ups)

    assert once == (IssuanceState.REQUESTED, 1, 1)
    assert (world.issuance.state, world.issuance.attempt) == (IssuanceState.ISSUED, 2)
    assert len(world.barcodes.of(world.issuance.tracking_code)) == 1


def test_one_that_turns_up_at_the_second_look_up_is_taken() -> None:
    world = in_doubt()
    world.cycle(seconds=SETTLED)
    late = factories.any_barcode(of=world.issuance.request)
    world.barcodes.has(account=BRAND, barcode=late)

    world.cycle(seconds=TIMING.between_look_ups)

    assert world.issuance.barcode == late
    assert len(world.barcodes.posts) == 1


def test_a_late_effect_is_found() -> None:
    world = in_doubt(Fate.LATE)

    world.cycle(seconds=SETTLED)

    assert world.states == [IssuanceState.ISSUED]
    assert len(world.barcodes.made) == 1


def test_several_barcodes_are_left_to_a_human() -> None:
    world = in_doubt(Fate.LOST_AFTER)
    second = factories.any_barcode(of=world.issuance.request)
    world.barcodes.has(account=BRAND, barcode=second)

    report = world.cycle(seconds=SETTLED)
    world.publish()
    for _ in range(5):
        world.cycle(seconds=SETTLED)

    assert report.metrics[Metric.AMBIGUOUS] == 1
    assert (world.issuance.state, world.issuance.reason) == (
        IssuanceState.AMBIGUOUS,
        "several_barcodes",
    )
    assert second.number in world.issuance.candidates
    assert world.published_types == ["BarcodeAmbiguous"]
    assert len(world.barcodes.posts) == 1


def test_one_that_cannot_be_distinguished_from_others_is_left_to_an_operator() -> None:
    world = in_doubt()
    anonymous = replace(
        factories.any_barcode(of=world.issuance.request),
        tracking_code=None,
        created_at=world.clock.now(),
    )
    world.barcodes.has(account=BRAND, barcode=anonymous)

    world.cycle(seconds=SETTLED)

    assert (world.issuance.state, world.issuance.reason) == (
        IssuanceState.AMBIGUOUS,
        "tracking_code_missing",
    )


def test_what_the_provider_said_against_an_item_stands_when_nothing_is_found() -> None:
    world = World()
    world.handle(message(), within=30)
    world.barcodes.refused_items = {world.issuance.tracking_code: "customer_blocked"}
    world.cycle(seconds=0)

    world.cycle(seconds=TIMING.answered_settle)
    report = world.cycle(seconds=TIMING.between_look_ups)

    assert report.metrics[Metric.REFUSED] == 1
    assert (world.issuance.state, world.issuance.reason) == (
        IssuanceState.REJECTED,
        "customer_blocked",
    )


@pytest.mark.parametrize(
    ("kind", "health", "counted", "searched"),
    [
        (ProviderBusy, Health.THROTTLED, None, 1),
        (ProviderUnavailable, Health.FAILING, None, 1),
        (CredentialsRefused, Health.UNAUTHORISED, Metric.UNAUTHORISED, 1),
        (ContractBroken, Health.GOOD, Metric.CONTRACT_BROKEN, 3),
    ],
)
def test_a_question_without_an_answer_proves_nothing(
    kind: type[ProviderError], health: Health, counted: Metric | None, searched: int
) -> None:
    world = in_doubt(Fate.LOST_AFTER, count=3)
    world.limiter.reports.clear()
    world.barcodes.will_not_answer_questions(trouble(kind))

    report = world.cycle(seconds=SETTLED)

    assert report.failed == []
    assert report.metrics[Metric.LOOKUPS] == searched
    assert counted is None or report.metrics[counted] == 1
    assert world.limiter.reports[0] == (BRAND, health, None)
    assert world.states.count(IssuanceState.ISSUED) == searched - 1
    assert {one.lookups for one in world.issuances} == {0}
    world.cycle(seconds=TIMING.handover)  # one finds that the account works again
    world.cycle(seconds=TIMING.handover)
    assert world.states == [IssuanceState.ISSUED] * 3
    assert len(world.barcodes.posts) == 1


def test_what_was_handed_over_and_not_answered_is_due_in_the_next_tick() -> None:
    world = in_doubt(Fate.LOST_AFTER, count=3)
    world.barcodes.will_not_answer_questions(trouble(ProviderUnavailable))

    world.cycle(seconds=SETTLED)

    assert {one.due_at for one in world.issuances} == {world.clock.now()}
    world.cycle()
    assert world.states == [IssuanceState.ISSUED] * 3


def test_all_workers_leave_a_busy_provider_alone_for_as_long_as_it_asks() -> None:
    world = in_doubt()
    world.limiter.reports.clear()
    busy = ProviderBusy("status_429", provider="coniq", route="GET /barcode")
    busy.retry_after = 17.0
    world.barcodes.will_not_answer_questions(busy)

    world.cycle(seconds=SETTLED)

    assert world.limiter.reports == [(BRAND, Health.THROTTLED, 17.0)]


def test_an_outage_of_any_length_loses_nothing_and_sends_nothing() -> None:
    world = in_doubt(Fate.LOST_AFTER)
    world.barcodes.will_not_answer_questions(*[trouble(ProviderUnavailable)] * 10)

    for _ in range(60):
        world.cycle(seconds=TIMING.handover)

    assert world.states == [IssuanceState.ISSUED]
    assert len(world.barcodes.made) == 1


def test_a_conclusion_that_cannot_be_stored_is_drawn_again() -> None:
    world = in_doubt(Fate.LOST_AFTER)
    world.clock.pass_time(SETTLED)
    world.sweep()
    world.ledger.will_fail("write", times=3)

    report = world.deliver()

    assert report.failed == []
    assert report.metrics[Metric.ISSUED] == 0
    assert world.states == [IssuanceState.REQUESTED]
    world.cycle(seconds=TIMING.handover)
    assert world.states == [IssuanceState.ISSUED]


def test_a_conclusion_does_not_overwrite_that_of_another_worker() -> None:
    world = in_doubt()
    world.clock.pass_time(SETTLED)
    world.sweep()
    theirs = factories.any_barcode(of=world.issuance.request)

    def overtake() -> None:
        row = world.issuance.issued(
            barcode=theirs,
            origin=Origin.RECONCILED,
            now=world.clock.now(),
            publish_by=world.clock.now(),
        )
        world.ledger.rows[row.key] = row.written("theirs")

    world.ledger.will_be_overtaken(overtake)
    world.deliver()

    assert world.issuance.barcode == theirs
    assert len(world.barcodes.posts) == 1


@pytest.mark.parametrize(
    ("room", "asked"), [(SAVE_MARGIN - timedelta(seconds=0.1), 0), (SAVE_MARGIN, 1)]
)
def test_no_question_is_asked_whose_answer_could_not_be_stored_any_more(
    room: timedelta, asked: int
) -> None:
    world = in_doubt(Fate.LOST_AFTER)
    world.clock.pass_time(SETTLED)
    world.sweep()
    body = world.commands.sent[0].model_dump_json()

    report = world.handle(
        replace(message(), body=body), within=(CALL_TIMEOUT + room).total_seconds()
    )

    assert report.metrics[Metric.LOOKUPS] == asked
    assert world.states == [IssuanceState.ISSUED if asked else IssuanceState.REQUESTED]


def test_slow_answers_leave_time_to_store_what_they_say() -> None:
    world = in_doubt(Fate.LOST_AFTER, count=12)
    world.barcodes.question_seconds = CALL_TIMEOUT.total_seconds()
    world.clock.pass_time(SETTLED)
    world.sweep()
    ends = world.in_seconds(INVOCATION)

    report = world.deliver()

    assert ends - CALL_TIMEOUT - SAVE_MARGIN < world.clock.now() <= ends - SAVE_MARGIN
    assert 0 < report.metrics[Metric.LOOKUPS] < 12
    assert world.states.count(IssuanceState.ISSUED) == report.metrics[Metric.LOOKUPS]
