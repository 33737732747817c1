"""An account whose answers are wrong gets no more POSTs: the real client in the product."""

from couponbus.domain.brake import Cause
from couponbus.domain.braking import braked, resumed
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.usecases.invocation import Metric
from tests.unit.usecases.issuing.scripted_coniq import (
    ScriptedWorld,
    as_it_is,
    does_its_work,
    made_without_an_answer,
    replaced,
    said,
)
from tests.unit.usecases.world import BRAND, message

MANY = 20


def test_an_account_whose_answers_look_wrong_is_sent_nothing_more_but_asked_on() -> None:
    world = ScriptedWorld()
    world.coniq.keep = replaced
    world.sign_up(MANY)
    world.coniq.on_post = made_without_an_answer

    world.sign_up(MANY, name="later")
    world.handle(*(message(500 + n, signup_id=f"new-{n}") for n in range(MANY)))
    world.run(minutes=30)

    assert world.coniq.posts == [MANY]
    assert world.limiter.pace(BRAND).brake.cause is Cause.SHARE
    assert world.states.count(IssuanceState.PENDING) == MANY
    assert world.issuances[-1].trail[-1].detail == "account braked"


def test_what_waited_for_a_braked_account_goes_on_with_one_once_it_is_resumed() -> None:
    world = ScriptedWorld()
    world.coniq.keep = replaced
    world.sign_up(MANY)
    world.handle(*(message(500 + n, signup_id=f"new-{n}") for n in range(MANY)))
    world.coniq.keep = as_it_is
    world.run(minutes=5)

    now = world.clock.now().timestamp()
    world.limiter.change(BRAND, lambda pace: resumed(pace, now=now))
    world.run(minutes=10)

    assert world.coniq.posts == [MANY, 1, MANY - 1]
    assert world.states == [IssuanceState.ISSUED] * 2 * MANY


def test_three_answers_in_a_row_that_cannot_be_understood_brake_the_account() -> None:
    world = ScriptedWorld()
    world.coniq.on_post = lambda items, coniq: said(200, {"status": "accepted"})
    reports = [world.handle(message(n, signup_id=f"s-{n}")) for n in range(1, 6)]
    world.coniq.on_post = does_its_work

    world.run(minutes=60)

    assert len(world.coniq.posts) == 3
    assert world.limiter.pace(BRAND).brake.cause is Cause.NOT_UNDERSTOOD
    assert [report.metrics.get(Metric.BRAKED, 0) for report in reports] == [0, 0, 1, 1, 1]


def test_a_look_up_finds_what_there_is_while_the_account_is_braked() -> None:
    world = ScriptedWorld()
    world.coniq.on_post = made_without_an_answer
    world.sign_up(MANY)
    world.limiter.change(BRAND, lambda pace: braked(pace, remark="a sale", now=0.0))

    world.run(minutes=30)

    assert world.states == [IssuanceState.ISSUED] * MANY
    assert world.coniq.most_per_customer == 1


def test_the_sweeper_reports_a_braked_account_at_each_tick_and_leaves_what_waits_unwritten() -> (
    None
):
    world = ScriptedWorld()
    world.limiter.change(BRAND, lambda pace: braked(pace, remark="a sale", now=0.0))
    world.sign_up(MANY)
    before = {row.key: row.revision for row in world.issuances}

    world.clock.pass_time(3600)
    reports = [world.sweep() for _ in range(3)]

    assert [(report.levels[Metric.BRAKED], report.handed_over) for report in reports] == [
        (1, 0)
    ] * 3
    assert {row.key: row.revision for row in world.issuances} == before
