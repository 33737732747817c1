"""What rings an alarm is named by `couponbus status` too, with the command to use."""

from dataclasses import replace
from datetime import timedelta
from typing import Never, cast

import pytest
from botocore.exceptions import ClientError

from couponbus.domain.circuit_breaker import Breaker
from couponbus.domain.copying import replace as changed
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.health import Health
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.restore import RESTORE_KEY, Restore
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import Pace
from couponbus.domain.row import Step
from couponbus_cli.app.triggers import OFF
from couponbus_cli.status.measured import Series
from tests.factories import any_program, any_unmatched
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.fakes.programs import MemoryPrograms
from tests.unit.cli.measurements import FakeMeasurements
from tests.unit.cli.page.seeing import with_commands
from tests.unit.cli.restorable import MAPPINGS
from tests.unit.cli.rows import an_issuance, requested
from tests.unit.cli.stage import FakeDeployment, FakeReport, FakeStage
from tests.unit.cli.watches import a_pause

MINUTE = timedelta(minutes=1)
NOW = NOON.timestamp()
DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "Any")
OPEN = Breaker(
    failures=8,
    openings=4,
    closed_until=(NOON + 12 * MINUTE).timestamp(),
    failing_since=(NOON - 7 * MINUTE).timestamp(),
    health=Health.FAILING,
)


def needs(stage: FakeStage) -> list[str]:
    code, data = stage.run_json("status")
    found = cast("list[str]", data["attention"])
    assert code == (1 if found or data["unread"] else 0)
    return with_commands(found)


def unread(stage: FakeStage) -> dict[str, str]:
    return cast("dict[str, str]", stage.run_json("status")[1]["unread"])


def waiting(*, since: timedelta) -> Issuance:
    row = replace(an_issuance(), trail=(Step(NOON - since, "enrolled"),))
    return row.postponed(now=NOON, until=NOON + MINUTE, why="busy")


@pytest.mark.parametrize("pace", [Pace(gets=OPEN), Pace(posts=OPEN)])
def test_an_open_breaker_of_coniq_is_shown_with_its_end_and_needs_a_person(pace: Pace) -> None:
    stage = FakeStage(paces={"main": pace})

    shown = stage.run("status").out
    [need] = needs(stage)

    assert "breaker open until 12:12:00 (4th time), 8 failures" in " ".join(shown.split())
    assert "breaker open until 12:12:00 (4th time), 8 failures" in need
    assert "couponbus probe coniq" in need


@pytest.mark.parametrize(("minutes", "expected"), [(4, 0), (5, 1)])
def test_a_polled_account_that_fails_for_minutes_needs_a_person(
    minutes: int, expected: int
) -> None:
    failing = replace(OPEN, failing_since=(NOON - minutes * MINUTE).timestamp())
    stage = FakeStage(polled_paces={Provider.KOUPON: {"main": Pace(gets=failing)}})

    found = needs(stage)

    assert len(found) == expected
    assert all("koupon main fails since" in each for each in found)
    assert all("couponbus probe koupon" in each for each in found)
    assert "4th time" in stage.run("status").out


def test_a_single_failure_is_shown_and_needs_nothing() -> None:
    once = Breaker(failures=1, failing_since=NOW, health=Health.FAILING)
    stage = FakeStage(paces={"main": Pace(posts=once)})

    assert "POSTs: 1 failure in a row" in " ".join(stage.run("status").out.split())
    assert needs(stage) == []


def test_an_account_that_was_asked_to_wait_says_until_when() -> None:
    asked = Pace(paused_until=(NOON + 3 * MINUTE).timestamp())
    stage = FakeStage(paces={"main": asked})

    _, data = stage.run_json("status")

    assert "asked to wait until 12:03:00" in " ".join(stage.run("status").out.split())
    [account] = cast("list[dict[str, object]]", data["issuing"])
    assert account["asked_to_wait_until"] == (NOON + 3 * MINUTE).isoformat()
    assert needs(stage) == []


@pytest.mark.parametrize(("minutes", "expected"), [(15, 0), (16, 1)])
def test_a_barcode_that_is_put_off_for_a_quarter_of_an_hour_needs_a_person(
    minutes: int, expected: int
) -> None:
    row = waiting(since=minutes * MINUTE)

    found = needs(FakeStage(MemoryLedger(row)))

    assert len(found) == expected
    assert all(f"couponbus why {row.issuance_id}" in each for each in found)


def test_a_long_wait_that_only_the_metric_knows_needs_a_person() -> None:
    stage = FakeStage(measured=FakeMeasurements(waited=[901.0, 0.0]))
    earlier = FakeStage(measured=FakeMeasurements(waited=[901.0, *[0.0] * 12]))

    [need] = needs(stage)

    assert "undecided for 15 min" in need
    assert needs(earlier) == []


def test_sign_ups_of_which_none_is_matched_need_a_person() -> None:
    came = {Series.SIGN_UPS: [5.0], Series.MATCHED: [0.0]}
    typo = FakeStage(measured=FakeMeasurements(counted=came))
    fine = FakeStage(measured=FakeMeasurements(counted={**came, Series.MATCHED: [1.0]}))
    long_ago = {Series.SIGN_UPS: [5.0, *[0.0] * 12], Series.MATCHED: [0.0]}
    quiet = FakeStage(measured=FakeMeasurements(counted=long_ago))

    [need] = needs(typo)

    assert "no program matched any of the last 5 sign-ups" in need
    assert "couponbus programs rematch --since 1h" in need
    assert needs(fine) == needs(quiet) == []


def test_unmatched_sign_ups_of_earlier_days_are_found_where_the_metric_has_their_hours() -> None:
    hours = [NOON - timedelta(hours=number) for number in (50, 60, 70, 80)]
    rows = [
        changed(any_unmatched(seed=number), arrived_at=hour, message="{}")
        for number, hour in enumerate(hours)
    ]
    stage = FakeStage(MemoryLedger(*rows), measured=FakeMeasurements(hours=hours))
    blind = FakeStage(MemoryLedger(*rows), measured=FakeMeasurements(failure=DENIED))

    [need] = needs(stage)

    # Of this hour, the last one, and the newest that has any.
    assert need.startswith("1 sign-up matches no program")
    assert needs(blind) == []


def test_a_trigger_that_is_switched_off_is_named_with_the_command() -> None:
    stage = FakeStage()
    stage.triggers.state = OFF

    found = needs(stage)

    assert len(found) == len(MAPPINGS)
    assert found[0].startswith("signups → issue_barcodes is switched off")
    assert "couponbus start issuing" in found[0]
    assert "update-event-source-mapping --enabled --uuid stream" in found[1]


def test_programs_of_accounts_that_are_not_deployed_are_named() -> None:
    programs = MemoryPrograms(replace(any_program(), account="gone"))

    [need] = needs(FakeStage(programs=programs))

    assert "not deployed with: coniq/gone" in need


def test_a_stage_without_alarms_says_so_and_is_well() -> None:
    outcome = FakeStage(measured=FakeMeasurements(deployed=False)).run("status")

    assert outcome.code == 0
    assert "this stage has none" in outcome.out


def test_the_last_hour_is_counted_and_what_came_before_is_not() -> None:
    counted = {Series.SIGN_UPS: [1000.0, *[1.0] * 12], Series.MATCHED: [1.0] * 12}
    stage = FakeStage(measured=FakeMeasurements(counted=counted))

    rates = cast("dict[str, dict[str, int]]", stage.run_json("status")[1]["rates"])

    assert rates["last_hour"]["sign_ups"] == 12
    assert len(cast("list[int]", rates["points"]["sign_ups"])) == 36


def test_what_may_not_be_read_names_the_right_and_the_rest_is_shown() -> None:
    due = replace(requested(an_issuance()), due_at=NOON)
    stage = FakeStage(MemoryLedger(due), measured=FakeMeasurements(failure=DENIED))

    outcome = stage.run("status")

    assert outcome.code == 1
    assert unread(stage) == {
        "alarms": "access is denied (AccessDenied): these credentials may not do this in this"
        " account; needed: cloudwatch:DescribeAlarms",
        "rates": "access is denied (AccessDenied): these credentials may not do this in this"
        " account; needed: cloudwatch:GetMetricData",
    }
    assert "Alarms: not read: access is denied" in outcome.out
    assert "Last hour: not read: access is denied" in outcome.out
    assert "Backlogs: lookups 1" in outcome.out
    assert "All is well" not in outcome.out


def test_settings_that_cannot_be_read_hide_only_the_accounts() -> None:
    stage = FakeStage(deployment=FakeDeployment(failure=DENIED))

    outcome = stage.run("status")

    assert outcome.code == 1
    assert {*unread(stage)} == {"accounts", "planned_until", "strangers"}
    assert "cloudformation:GetTemplate" in outcome.out
    assert "Queues: all" in outcome.out


def test_a_waiting_row_that_cannot_be_read_is_named() -> None:
    row = waiting(since=MINUTE)
    ledger = MemoryLedger(row)
    ledger.broken = {row.key}

    [need] = needs(FakeStage(ledger))

    assert need.startswith("1 row cannot be read")
    assert row.key in need


def test_a_row_of_a_restore_that_cannot_be_read_is_not_absent() -> None:
    ledger = MemoryLedger(Restore(restore_id="ledger", to=NOON, at=NOON))
    ledger.broken = {RESTORE_KEY}

    assert {*unread(FakeStage(ledger))} == {"restore"}


def test_an_account_whose_pause_cannot_be_read_is_paused() -> None:
    ledger = MemoryLedger(a_pause())
    ledger.broken = {a_pause().key}

    [need] = needs(FakeStage(ledger))

    assert need.startswith("uniqodo main is paused (its row cannot be read)")


def test_a_stage_of_which_nothing_answers_is_not_reached() -> None:
    stage = FakeStage(deployment=FakeDeployment(failure=DENIED))
    stage.queues.failure = DENIED
    stage.reports_fail = LedgerUnavailable("backlogs: AccessDeniedException")

    outcome = stage.run("status")

    assert outcome.code == 3
    assert outcome.err.startswith("access is denied (AccessDeniedException)")


def test_the_table_is_counted_only_on_request_and_its_price_is_said_first() -> None:
    stage = FakeStage(MemoryLedger(requested(an_issuance())))

    plain, counted = stage.run("status"), stage.run("status", "--counts")

    assert "REQUESTED" not in plain.out + plain.err
    assert "about 1 rows" in counted.err
    assert "USD" in counted.err
    assert "REQUESTED" in counted.out


@pytest.mark.parametrize("denied", ["size", "counts"])
def test_a_table_that_may_not_be_counted_is_named_and_the_rest_is_shown(
    denied: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(report: FakeReport) -> Never:
        asked.append(denied)
        raise LedgerUnavailable(f"{denied}: AccessDeniedException")

    monkeypatch.setattr(FakeReport, denied, refuse)
    stage = FakeStage(MemoryLedger(requested(an_issuance())))

    outcome = stage.run("status", "--counts")

    assert (outcome.code, asked) == (1, [denied])
    assert "Rows: not read: access is denied (AccessDeniedException)" in outcome.out
    assert "needed: dynamodb:DescribeTable and Scan on the table" in outcome.out
    assert "Queues: all" in outcome.out
    # Without its price the table is not read.
    assert "REQUESTED" not in outcome.out
