"""`couponbus status` shows the polling watermark, the call budgets and the pauses."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from couponbus.domain.inbound.ignored_callbacks import IgnoreReason
from couponbus.domain.polling.cohort import CohortSize
from couponbus.domain.polling.schedule import PollSchedule, Throttle
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row
from tests.factories import any_notice, any_recorded_redemption, any_stock
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.page.seeing import with_commands
from tests.unit.cli.stage import FakeDeployment, FakeStage, a_poll_account
from tests.unit.cli.watches import PROMOTION, a_pause, a_starting_watch, an_active_watch

MINUTE = timedelta(minutes=1)


def undue(row: Row) -> Row:
    return replace(row, due_at=None)


def a_schedule(*throttles: Throttle, late: timedelta = MINUTE) -> PollSchedule:
    return PollSchedule(done_until=NOON - late, throttles=throttles)


def a_cohort(*, began: datetime) -> CohortSize:
    cohort = an_active_watch().age_cohort
    assert cohort is not None
    return CohortSize(cohort=replace(cohort, hour=int(began.timestamp() // 3600)), watches=1)


def attention(stage: FakeStage) -> list[str]:
    code, data = stage.run_json("status")
    found = data["attention"]
    assert isinstance(found, list)
    assert code == (1 if found else 0)
    return with_commands([str(each) for each in found])


def test_the_rows_of_polling_are_counted_by_kind_and_state() -> None:
    rows = (an_active_watch(), a_starting_watch("b"), any_notice(), any_stock())
    found = any_recorded_redemption()
    stage = FakeStage(MemoryLedger(*map(undue, (*rows, found)), a_pause(), a_schedule()))

    outcome = stage.run("status")
    _, data = stage.run_json("status", "--counts")

    assert data["counts"] == {
        "WATCH": {"ACTIVE": 1, "STARTING": 1},
        "NOTICE": {"RECORDED": 1},
        "STOCK": {"KEPT": 1},
        "REDEMPTION": {"RECORDED": 1},
    }
    assert "schedule" not in outcome.out
    assert outcome.code == 0


def test_what_each_account_may_spend_is_shown() -> None:
    accounts = (
        a_poll_account(Provider.UNIQODO, calls_per_day=10_000),
        a_poll_account(Provider.KOUPON),
    )
    held = Throttle(provider=Provider.UNIQODO, account="main", level=7, since=NOON)
    stage = FakeStage(
        MemoryLedger(a_schedule(held)),
        deployment=FakeDeployment(polls=accounts),
        spent={Provider.UNIQODO: {"main": 8_766}, Provider.KOUPON: {"main": 12}},
    )

    shown = stage.run("status").out
    _, data = stage.run_json("status")

    for text in ("uniqodo main", "throttled: level 7", "8,766", "1,234", "koupon main", "no limit"):
        assert text in shown
    assert "Polls planned until: 2026-06-01 11:59:00 UTC (60 s ago)" in shown
    polling = data["polling"]
    assert isinstance(polling, dict)
    assert polling["lag_seconds"] == 60.0
    assert polling["accounts"][0] == {
        "provider": "uniqodo",
        "account": "main",
        "level": 7,
        "calls_today": 8766,
        "calls_per_day": 10000,
        "calls_left": 1234,
        "calls_per_second": 2.0,
        "watched": 0,
        "carries": 8500,
        "paused": None,
        "paused_promotions": [],
        "ignored_callbacks": None,
        "asked_to_wait_until": None,
        "breakers": {
            "calls": {
                "open": False,
                "open_until": None,
                "openings": 0,
                "failures": 0,
                "failing_since": None,
                "health": "GOOD",
            }
        },
    }
    assert polling["accounts"][1]["calls_left"] is None


@pytest.mark.parametrize(("watched", "is_too_much"), [(8500, False), (8501, True)])
def test_more_watches_than_the_budget_carries_need_a_person(
    watched: int, is_too_much: bool
) -> None:
    cohort = an_active_watch().age_cohort
    assert cohort is not None
    stage = FakeStage(
        MemoryLedger(a_schedule()),
        deployment=FakeDeployment(polls=(a_poll_account(Provider.UNIQODO, calls_per_day=10_000),)),
        crowds=[CohortSize(cohort=cohort, watches=watched)],
    )
    subject = "uniqodo main: the call budget carries 8,500 watches at a rest of 2 d"

    assert f"{subject}; {watched:,} are watched." in stage.run("status").out
    assert attention(stage) == is_too_much * [
        f"{subject}, and {watched:,} are watched, so they rest for longer: raise calls_per_day or"
        " max_interval_hours"
    ]


@pytest.mark.parametrize(("late", "expected"), [(15 * MINUTE, 0), (16 * MINUTE, 1)])
def test_a_schedule_that_stands_still_needs_a_person(late: timedelta, expected: int) -> None:
    stage = FakeStage(MemoryLedger(a_schedule(late=late)))

    sentences = attention(stage)

    assert len(sentences) == expected
    assert all(
        "polls are planned until 16 min ago only: schedule_polls does not run" in each
        for each in sentences
    )


def test_a_schedule_that_never_was_matters_once_a_customer_is_watched() -> None:
    fresh = FakeStage(MemoryLedger(undue(a_starting_watch())))
    just_now = FakeStage(crowds=[a_cohort(began=NOON)])
    active = FakeStage(crowds=[a_cohort(began=NOON - timedelta(hours=2))])

    assert attention(fresh) == attention(just_now) == []
    assert attention(active) == [
        "no poll of any watch was ever planned: schedule_polls does not run; see aws logs tail"
        " /aws/lambda/couponbus-local-schedule_polls --since 1h"
    ]
    assert "Polls planned until: never" in active.run("status").out


def test_a_stage_without_polled_accounts_says_nothing_of_it() -> None:
    late = a_schedule(late=timedelta(days=1))
    stage = FakeStage(MemoryLedger(late), deployment=FakeDeployment(polls=()))

    assert attention(stage) == []
    assert "Polls planned" not in stage.run("status").out
    assert "polled" not in stage.run("status").out


def test_a_paused_account_says_how_to_resume() -> None:
    pause = a_pause().of_all(reason="unauthorised", now=NOON)
    stage = FakeStage(MemoryLedger(pause, a_schedule()))

    assert attention(stage) == [
        "uniqodo main is paused (unauthorised): fix the cause, then couponbus watch resume"
        " --provider uniqodo --account main"
    ]
    assert "unauthorised" in stage.run("status").out


def test_paused_promotions_are_named_as_far_as_a_person_reads() -> None:
    pause = a_pause()
    for number in range(11):
        pause = pause.of_promotion(f"{number:032x}", now=NOON)
    one = a_pause().of_promotion(PROMOTION, now=NOON)

    [many] = attention(FakeStage(MemoryLedger(pause, a_schedule())))
    [single] = attention(FakeStage(MemoryLedger(one, a_schedule())))

    assert single.startswith(f"of uniqodo main, 1 promotion is paused: {PROMOTION}; have the")
    assert many.startswith("of uniqodo main, 11 promotions are paused: 000000")
    assert f"{9:032x}, ...; have" in many
    assert "promotions paused: 1" in FakeStage(MemoryLedger(one, a_schedule())).run("status").out


def test_callbacks_that_name_no_watch_are_shown_with_their_reasons() -> None:
    stage = FakeStage(
        MemoryLedger(a_schedule()),
        deployment=FakeDeployment(
            polls=(a_poll_account(Provider.UNIQODO), a_poll_account(Provider.KOUPON))
        ),
    )
    for reason in (*[IgnoreReason.NO_PROMOTION] * 10, *[IgnoreReason.TOO_LONG] * 2):
        stage.callbacks.count(account="main", reason=reason)

    _, data = stage.run_json("status")

    assert attention(stage) == [
        "12 callbacks of uniqodo main named no watch since yesterday (no promotion 10, too"
        " long 2), the last at 2026-06-01 12:00:00 UTC (0 s ago): compare their parameters with"
        " functions/README.md#callbacks"
    ]
    polling = data["polling"]
    assert isinstance(polling, dict)
    assert [each["ignored_callbacks"] for each in polling["accounts"]] == [
        {"too_long": 2, "no_promotion": 10, "last_at": NOON.isoformat()},
        None,
    ]


def test_without_ignored_callbacks_nothing_is_said_of_them() -> None:
    stage = FakeStage(MemoryLedger(a_schedule()))
    stage.callbacks.count(account="gone", reason=IgnoreReason.NO_USER)

    assert attention(stage) == []
    assert "callback" not in stage.run("status").out
