"""A braked account shows its reason, and resumes on an operator's command."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from couponbus.domain.brake import Brake, Cause
from couponbus.domain.circuit_breaker import FAILURES_TO_OPEN, Purpose
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import Pace
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.rows import an_issuance, issued, requested
from tests.unit.cli.stage import FakeStage
from tests.unit.domain.crowd import failed

NOW = NOON.timestamp()
BY_SHARE = Brake(
    counted_from=NOW - 600,
    posted=120,
    refused=30,
    anomalies=4,
    held_at=NOW - 300,
    cause=Cause.SHARE,
)
BY_ANSWERS = Brake(not_understood=3, held_at=NOW - 300, cause=Cause.NOT_UNDERSTOOD)


def the_account(data: dict[str, object]) -> dict[str, object]:
    [account] = cast("list[dict[str, object]]", data["issuing"])
    return account


def a_stage(brake: Brake) -> FakeStage:
    return FakeStage(paces={"main": Pace(brake=brake)})


@pytest.mark.parametrize(
    ("brake", "seen"),
    [
        (
            BY_SHARE,
            "of 120 items sent since 2026-06-01T11:50:00+00:00, 30 were refused and 4 were",
        ),
        (BY_ANSWERS, "3 answers in a row reported success and could not be read"),
    ],
)
def test_status_says_what_was_seen_of_a_braked_account_and_what_to_do(
    brake: Brake, seen: str
) -> None:
    stage = a_stage(brake)

    outcome = stage.run("status")
    code, data = stage.run_json("status")

    assert (outcome.code, code) == (1, 1)
    assert "! Coniq account main is braked since 2026-06-01 11:55:00 UTC (5 min ago)" in outcome.out
    assert seen in outcome.out
    assert "couponbus probe coniq, then couponbus account resume main" in outcome.out
    account = the_account(data)
    assert (account["account"], account["braked"]) == ("main", brake.cause)
    assert seen in str(account["seen"])


def test_status_of_an_account_that_goes_on_shows_what_was_sent_in_the_hour() -> None:
    stage = a_stage(Brake(counted_from=NOW, posted=1234, refused=2))

    outcome = stage.run("status")
    _, data = stage.run_json("status")

    assert outcome.code == 0
    assert "1,234" in outcome.out
    account = the_account(data)
    assert (account["posted"], account["refused"], account["braked"]) == (1234, 2, None)
    assert account["seen"] is None
    assert account["posts"] == {"failing_since": None, "health": None}


@pytest.mark.parametrize("times", [2, FAILURES_TO_OPEN])
def test_refused_look_ups_are_shown_with_since_when_and_what_was_said(times: int) -> None:
    refusing = failed(Pace(), times=times, now=NOW - 900)
    refusing = replace(refusing, gets=replace(refusing.gets, health=Health.UNAUTHORISED))
    row = requested(an_issuance())
    stage = FakeStage(MemoryLedger(row), paces={"main": refusing, row.account: refusing})

    outcome = stage.run("status")
    why = stage.run("why", row.issuance_id)

    assert outcome.code == 1
    for shown in (outcome.out, why.out):
        assert "Coniq refuses look-ups of account" in shown
        assert "since 2026-06-01 11:45:00 UTC (15 min ago): it refuses our key" in shown


def test_one_failure_is_no_news_and_a_request_to_wait_neither() -> None:
    once = failed(Pace(), times=1, now=NOW)
    waiting = replace(once, gets=replace(once.gets, failures=3, health=Health.THROTTLED))

    for pace in (once, waiting):
        assert FakeStage(paces={"main": pace}).run("status").code == 0


def test_posts_that_fail_are_shown_and_are_no_brake() -> None:
    stage = FakeStage(paces={"main": failed(Pace(), times=5, now=NOW, purpose=Purpose.POST)})

    outcome = stage.run("status")

    assert "Coniq takes no POST of account main since 2026-06-01 12:00:00" in outcome.out
    assert "braked" not in outcome.out


def test_look_ups_that_prove_nothing_are_counted_with_since_when() -> None:
    since = NOON - timedelta(hours=3)
    row = requested(an_issuance()).unproven(since=since, now=NOON, until=NOON, why="unreadable")
    settled = replace(issued(an_issuance(customer_id=2)), unproven_since=since)
    stage = FakeStage(MemoryLedger(row, settled))

    outcome = stage.run("status")
    _, data = stage.run_json("status")

    assert (
        f"1 row is looked up without a result, the first since 2026-06-01 09:00:00 UTC (3 h ago):"
        f" the answers prove nothing; see couponbus why: {row.issuance_id}" in outcome.out
    )
    assert data["unproven"] == {row.issuance_id: since.isoformat()}


def test_why_says_of_what_waits_that_its_account_is_braked() -> None:
    waiting, done = an_issuance(), issued(an_issuance(customer_id=2))
    stage = FakeStage(
        MemoryLedger(waiting, done),
        paces={one.account: Pace(brake=BY_SHARE) for one in (waiting, done)},
    )

    assert f"account {waiting.account} is braked" in stage.run("why", waiting.issuance_id).out
    assert "is braked" not in stage.run("why", done.issuance_id).out


@pytest.mark.parametrize(("typed", "yes"), [("", ("--yes",)), ("y\n", ())])
def test_a_braked_account_is_resumed_by_who_has_probed_it(typed: str, yes: tuple[str, ...]) -> None:
    stage = a_stage(BY_SHARE)

    outcome = stage.run("account", "resume", "main", *yes, typed=typed)

    assert outcome.code == 0
    assert "main was braked: of 120 items" in outcome.out
    assert not stage.paces["main"].brake.is_held
    assert stage.paces["main"].posts.is_open


def test_without_a_yes_it_stays_braked_and_the_question_says_what_was_seen() -> None:
    stage = a_stage(BY_ANSWERS)

    outcome = stage.run("account", "resume", "main", typed="\n")

    assert outcome.code == 1
    assert "3 answers in a row" in outcome.err
    assert "Did `couponbus probe coniq` find no difference" in outcome.err
    assert stage.paces["main"].brake == BY_ANSWERS


def test_an_account_is_paused_with_a_reason_and_resumed() -> None:
    stage = FakeStage()

    paused = stage.run("account", "pause", "main", "--reason", "ada@customer.example asked")
    shown = stage.run("status")
    again = stage.run("account", "pause", "main")
    resumed = stage.run("account", "resume", "main", "--yes")

    assert (paused.code, again.code, resumed.code) == (0, 1, 0)
    assert "To resume: couponbus account resume main" in paused.out
    assert "is braked since 2026-06-01 12:00:00 UTC (0 s ago): (e-mail hidden) asked" in shown.out
    assert "main is braked already: (e-mail hidden) asked" in again.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("resume", "main", "--yes"), "main is not braked"),
        (("resume", "moon", "--yes"), "unknown account: local has these at Coniq: main"),
        (("pause", "moon"), "unknown account: local has these at Coniq: main"),
    ],
)
def test_only_what_there_is_can_be_paused_or_resumed(arguments: tuple[str, ...], said: str) -> None:
    stage = FakeStage()

    outcome = stage.run("account", *arguments)

    assert outcome.code == 1
    assert said in outcome.err
    assert stage.paces == {}


def test_what_is_overdue_may_only_wait_for_the_braked_account() -> None:
    row = replace(an_issuance(), due_at=NOON - timedelta(hours=1))
    stage = FakeStage(MemoryLedger(row), paces={"main": Pace(brake=BY_SHARE)})

    assert "is overdue by 60 min: it may wait for a braked account, else" in stage.run("status").out
