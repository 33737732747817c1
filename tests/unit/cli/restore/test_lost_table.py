"""`couponbus restore table`: a deleted table is made again, completed, and marked as restored."""

from datetime import timedelta

from couponbus.usecases.issuing.last_restore import MARK_FRESH_FOR
from tests.unit.cli.restorable import FakeLost
from tests.unit.cli.restore.test_restore import mark_of, wait_until
from tests.unit.cli.stage import FakeStage

BACKUP = "arn:aws:dynamodb:eu-west-1:123456789012:table/couponbus-prod/backup/1"


def a_stage(*, looks: int = 1, outdated: bool = False) -> tuple[FakeStage, FakeLost]:
    stage = FakeStage()
    stage.lost = FakeLost(stage.clock, looks=looks, outdated=outdated)
    return stage, stage.lost


def test_the_workers_stop_and_the_table_comes_back_complete_and_marked() -> None:
    stage, lost = a_stage()

    code, data = stage.run_json("restore", "table")

    assert (code, lost.begun_with) == (0, [None])
    assert data["set"] == ["stream", "TTL", "recovery", "protection"]
    assert stage.triggers.state == "Disabled"
    assert mark_of(stage).to == stage.clock.now() - timedelta(minutes=5)


def test_while_it_is_restored_the_command_is_repeated_and_restores_it_once() -> None:
    stage, lost = a_stage(looks=2)

    early = stage.run("restore", "table")
    later = stage.run("restore", "table")

    assert (early.code, later.code) == (1, 0)
    assert "repeat this until it is there" in early.err
    assert lost.begun_with == [None]


def test_a_second_run_sets_nothing_again() -> None:
    stage, _ = a_stage()
    stage.run("restore", "table")

    code, data = stage.run_json("restore", "table")

    assert (code, data["set"]) == (0, [])


def test_another_backup_may_be_named_and_its_revisions_are_raised_next() -> None:
    stage, lost = a_stage(outdated=True)

    outcome = stage.run("restore", "table", "--backup", BACKUP)

    assert (outcome.code, lost.begun_with) == (0, [BACKUP])
    assert "couponbus restore copy" in outcome.out


def test_a_stage_that_does_not_protect_its_table_says_so() -> None:
    stage, _ = a_stage()

    _, data = stage.run_json("restore", "table", "--unprotected")

    assert data["set"] == ["stream", "TTL", "recovery"]


def test_after_it_the_workers_start_as_after_every_restore() -> None:
    stage, _ = a_stage()
    stage.run("restore", "table", "--idle")

    early = stage.run("restore", "start")
    wait_until(stage, mark_of(stage).at + MARK_FRESH_FOR)
    started = stage.run("restore", "start")

    assert (early.code, started.code) == (1, 0)
    assert stage.triggers.state == "Enabled"


def test_the_table_is_imported_once_it_is_there_and_marked() -> None:
    stage, _ = a_stage()

    early = stage.run("restore", "import")
    stage.run("restore", "table", "--idle")
    code, data = stage.run_json("restore", "import")

    assert (early.code, code) == (1, 0)
    assert data == {"stack": "couponbus-local-ledger", "logical_id": "Table"}
    assert stage.imports.taken == 1
