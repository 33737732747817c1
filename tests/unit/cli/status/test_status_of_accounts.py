"""An account without a usable answer, or without calls, needs a person; a short wait does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.circuit_breaker import Breaker
from couponbus.domain.copying import replace as changed
from couponbus.domain.health import Health
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import Pace
from couponbus_cli.status.measured import Ringing
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.measurements import FakeMeasurements
from tests.unit.cli.page.seeing import with_commands
from tests.unit.cli.rows import an_issuance
from tests.unit.cli.stage import FakeDeployment, FakeStage, a_poll_account
from tests.unit.cli.watches import a_starting_watch
from tests.unit.cli.webhooks import an_endpoint

MINUTE = timedelta(minutes=1)
THROTTLED = Breaker(
    failures=9, failing_since=(NOON - 17 * MINUTE).timestamp(), health=Health.THROTTLED
)


def asked_to_wait(breaker: Breaker = THROTTLED, *, minutes: int = 3) -> Pace:
    return Pace(posts=breaker, paused_until=(NOON + minutes * MINUTE).timestamp())


def needs(stage: FakeStage) -> list[str]:
    _, data = stage.run_json("status")
    found = data["attention"]
    assert isinstance(found, list)
    return with_commands([str(each) for each in found])


def test_coniq_that_asks_to_wait_for_ever_needs_a_person() -> None:
    [need] = needs(FakeStage(paces={"main": asked_to_wait()}))

    assert need == (
        "coniq main asked to wait until 12:03:00; it has answered nothing usable for 17 min, 9"
        " calls in a row: sign-ups wait. Find the cause with couponbus probe coniq"
    )


def test_the_story_of_a_sign_up_that_waits_for_it_says_so_too() -> None:
    row = an_issuance()
    stage = FakeStage(MemoryLedger(row), paces={row.account: asked_to_wait()})

    assert "asked to wait until 12:03:00" in stage.run("why", row.issuance_id).out


def test_a_polled_account_that_asks_to_wait_for_ever_needs_a_person() -> None:
    pace = Pace(gets=THROTTLED, paused_until=(NOON + MINUTE).timestamp())

    [need] = needs(FakeStage(polled_paces={Provider.KOUPON: {"main": pace}}))

    assert need.startswith("koupon main asked to wait until 12:01:00; it has answered nothing")
    assert need.endswith("polls wait. Find the cause with couponbus probe koupon")


@pytest.mark.parametrize(
    "pace",
    [
        asked_to_wait(replace(THROTTLED, failing_since=(NOON - 4 * MINUTE).timestamp())),
        asked_to_wait(replace(THROTTLED, failures=1)),
        asked_to_wait(minutes=-6),  # it was not asked again since
        asked_to_wait(Breaker()),
    ],
)
def test_a_short_wait_needs_nothing(pace: Pace) -> None:
    assert needs(FakeStage(paces={"main": pace})) == []


@pytest.mark.parametrize(("calls", "expected"), [(8_999, 0), (9_000, 1), (10_000, 1)])
def test_a_day_of_which_all_calls_are_used_up_needs_a_person(calls: int, expected: int) -> None:
    account = a_poll_account(Provider.UNIQODO, calls_per_day=10_000)
    stage = FakeStage(
        deployment=FakeDeployment(polls=[account]), spent={Provider.UNIQODO: {"main": calls}}
    )

    assert needs(stage) == expected * [
        f"uniqodo main has made {calls:,} of the 10,000 calls of this day, and 1,000 of them are"
        " kept for new sign-ups: the other polls wait until midnight (UTC); raise calls_per_day"
    ]


@pytest.mark.parametrize(("minutes", "expected"), [(10, 0), (11, 1)])
def test_a_sign_up_whose_first_poll_is_late_needs_a_person(minutes: int, expected: int) -> None:
    late = replace(a_starting_watch(), started_at=NOON - minutes * MINUTE)
    backfilled = changed(a_starting_watch("b"), backfilled=True)

    found = needs(FakeStage(MemoryLedger(late, backfilled)))

    assert found == expected * [
        "1 watch waits for its first poll for more than 10 min, of those looked at, the first since"
        " 2026-06-01 11:49:00 UTC (11 min ago), and what is redeemed meanwhile may not be"
        f" published: couponbus why {late.watch_id}"
    ]


def test_an_endpoint_that_cannot_be_read_is_named_and_the_others_are_shown() -> None:
    ledger = MemoryLedger(an_endpoint("shop"), an_endpoint("till"))
    ledger.broken = {"ENDPOINT#till"}
    stage = FakeStage(ledger)

    [need] = needs(stage)

    assert need == ("1 endpoint cannot be read by this version: deploy the one that wrote it: till")
    assert "shop" in stage.run("status").out
    assert stage.run_json("status")[1]["unreadable_endpoints"] == ["till"]


def test_endpoints_that_were_not_looked_at_are_said() -> None:
    endpoints = [an_endpoint(f"shop{number}") for number in range(201)]
    some, all_ = FakeStage(MemoryLedger(*endpoints)), FakeStage(MemoryLedger(*endpoints[:200]))

    said = "Endpoints: only 200 were looked at; couponbus endpoints list shows all"
    assert said in some.run("status").out
    assert "looked at" not in all_.run("status").out
    assert [stage.run_json("status")[1]["more"] for stage in (some, all_)] == [["endpoints"], []]


def test_each_alarm_that_rings_has_its_sentence_and_its_section_of_the_runbook() -> None:
    ringing = [
        Ringing(name="sweep_due-behind", since=NOON - 5 * MINUTE, why="Late. runbook: behind"),
        Ringing(name="polls-dead-letters", since=NOON, why="Letters. runbook: dead-letters"),
        Ringing(name="by-hand", since=NOON, why=""),
    ]

    assert needs(FakeStage(measured=FakeMeasurements(ringing=ringing))) == [
        "alarm sweep_due-behind rings for 5 min: Late; what to do: infra/RUNBOOK.md#behind;"
        " look with aws logs tail /aws/lambda/couponbus-local-sweep_due --since 1h",
        "alarm polls-dead-letters rings for 0 s: Letters; what to do:"
        " infra/RUNBOOK.md#dead-letters; look with aws cloudwatch describe-alarm-history"
        " --alarm-name couponbus-local-polls-dead-letters",
        "alarm by-hand rings for 0 s; what to do: infra/RUNBOOK.md; look with aws cloudwatch"
        " describe-alarm-history --alarm-name couponbus-local-by-hand",
    ]
