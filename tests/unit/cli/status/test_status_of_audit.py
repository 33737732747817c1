"""`couponbus status` shows the progress of the nightly audit, and when it does not keep up."""

from dataclasses import replace
from datetime import datetime, timedelta

from couponbus.domain.issuing.audit_progress import AuditProgress, first_pass
from couponbus.domain.issuing.issuance import Issuance, Origin
from tests import factories
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.page.seeing import with_commands
from tests.unit.cli.stage import FakeStage

DAY = timedelta(days=1)


def doubted(*, at: datetime) -> Issuance:
    """Return an issuance that was published then, and has waited for the audit since."""
    row = replace(factories.any_issued(), origin=Origin.RECONCILED)
    return row.announced(now=at)


def walked(*, ran_at: datetime = NOON) -> AuditProgress:
    began = first_pass(now=NOON - 9 * DAY)
    whole = began.advanced(place=None, issuances=120_000, now=NOON - 4 * DAY)
    return whole.advanced(place="ISSUANCE#X", issuances=1_500, now=ran_at)


def only_sentence(data: dict[str, object]) -> str:
    sentences = data["attention"]
    assert isinstance(sentences, list)
    [sentence] = with_commands(sentences)
    return sentence


def test_before_the_first_night_there_is_nothing_to_show() -> None:
    outcome = FakeStage().run("status")

    assert outcome.code == 0
    assert "udit" not in outcome.out


def test_how_far_the_audit_is_and_how_long_a_pass_takes_is_shown() -> None:
    stage = FakeStage(MemoryLedger(walked(), doubted(at=NOON - DAY), doubted(at=NOON)))

    outcome = stage.run("status")
    code, data = stage.run_json("status")

    said = " ".join(outcome.out.split())
    assert (outcome.code, code) == (0, 0)
    assert "To audit, as it was in doubt: 2" in said
    assert "Audited: 1,500 issuances were passed since 2026-05-28" in said
    assert "the pass before went through all 120,000 in 5 d" in said
    assert data["audit"] == {
        "waiting": 2,
        "oldest_waiting": (NOON - DAY).isoformat(),
        "pass": {
            "passed": 1_500,
            "began_at": (NOON - 4 * DAY).isoformat(),
            "ran_at": NOON.isoformat(),
            "last_passed": 120_000,
            "last_ended_at": (NOON - 4 * DAY).isoformat(),
        },
    }


def test_what_waits_for_the_night_is_not_overdue_for_the_sweeper() -> None:
    outcome = FakeStage(MemoryLedger(doubted(at=NOON - DAY))).run("status")

    assert outcome.code == 0
    assert "Oldest due: nothing is due" in outcome.out


def test_an_audit_that_does_not_run_needs_a_person() -> None:
    stage = FakeStage(MemoryLedger(walked(ran_at=NOON - 3 * DAY)))

    code, data = stage.run_json("status")

    assert code == 1
    assert "audit_barcodes does not run" in only_sentence(data)


def test_what_waits_for_the_audit_for_a_week_needs_a_person() -> None:
    stage = FakeStage(MemoryLedger(walked(), doubted(at=NOON - 8 * DAY)))

    code, data = stage.run_json("status")

    assert code == 1
    assert "1 issuance that was in doubt waits for the audit" in only_sentence(data)
