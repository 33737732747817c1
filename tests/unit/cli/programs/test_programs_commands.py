"""`couponbus programs` makes a stage match a file, and shows each change."""

from dataclasses import replace
from pathlib import Path

import pytest

from couponbus.domain.errors import LedgerUnavailable
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.stage import Stage
from tests.factories import any_program
from tests.fakes.programs import MemoryPrograms
from tests.unit.cli.programs.test_programs_file import LEAST, SAMPLE, WHOLE
from tests.unit.cli.stage import FakeDeployment, FakeStage


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "programs.yaml"
    path.write_text(LEAST)
    return path


def names(stage: FakeStage) -> list[str]:
    return [program.name for program in stage.programs.active().readable]


def test_a_file_is_applied_and_applying_it_again_changes_nothing() -> None:
    stage = FakeStage()

    first = stage.run("programs", "apply", str(SAMPLE))
    again = stage.run("programs", "apply", str(SAMPLE))

    assert (first.code, again.code) == (0, 0)
    assert names(stage) == ["welcome"]
    assert "+ welcome: added" in first.out
    assert "programs.yaml changed 1 program." in first.out
    assert "  welcome: unchanged" in again.out
    assert "programs.yaml changed 0 programs." in again.out


def test_a_change_is_shown_field_by_field(file: Path) -> None:
    stage = FakeStage()
    stage.run("programs", "apply", str(file))
    text = LEAST.replace("MOBILE", "SMS") + "    valid_from: 2027-01-01T00:00:00+01:00\n"
    file.write_text(text)

    outcome = stage.run("programs", "apply", str(file))

    assert "~ welcome: changed" in outcome.out
    assert '    channel: "MOBILE" -> "SMS"' in outcome.out
    assert '    valid_from: null -> "2027-01-01T00:00:00+01:00"' in outcome.out
    assert stage.programs.active().readable[0].channel == "SMS"


def test_a_dry_run_shows_the_changes_and_makes_none(file: Path) -> None:
    stage = FakeStage()

    code, data = stage.run_json("programs", "apply", str(file), "--dry-run")

    assert code == 0
    assert data["changed"] == 0
    assert data["programs"] == [{"name": "welcome", "change": "added", "fields": {}}]
    assert names(stage) == []


def test_programs_that_the_file_does_not_have_are_left_unless_pruned(file: Path) -> None:
    other = replace(any_program(), name="other")
    stage = FakeStage(programs=MemoryPrograms(other))

    left = stage.run("programs", "apply", str(file))
    after_left = names(stage)
    pruned = stage.run("programs", "apply", str(file), "--prune")

    assert "  other: not in the file; --prune would remove it" in left.out
    assert after_left == ["other", "welcome"]
    assert "- other: removed" in pruned.out
    assert names(stage) == ["welcome"]


def test_a_broken_file_changes_nothing_and_all_its_faults_are_named(file: Path) -> None:
    stage = FakeStage()
    file.write_text(LEAST.replace("101", "0").replace("MOBILE", "FAX"))

    outcome = stage.run("programs", "apply", str(file))
    code, data = stage.run_json("programs", "apply", str(file))

    assert (outcome.code, code) == (1, 1)
    assert "programs.yaml:5: programs[0].offer_id: " in outcome.err
    assert "programs.yaml:6: programs[0].channel: " in outcome.err
    assert "2 faults; nothing was changed" in outcome.err
    error = data["error"]
    assert isinstance(error, dict)
    assert error["kind"] == "invalid_file"
    assert [(each["line"], each["field"]) for each in error["details"]] == [
        (5, "programs[0].offer_id"),
        (6, "programs[0].channel"),
    ]
    assert names(stage) == []


def test_a_file_that_is_not_there_is_an_invalid_input() -> None:
    outcome = FakeStage().run("programs", "apply", "no-such-file.yaml")

    assert outcome.code == 1
    assert "no-such-file.yaml cannot be read: No such file or directory" in outcome.err


def test_an_account_that_is_not_deployed_is_refused(file: Path) -> None:
    stage = FakeStage(deployment=FakeDeployment(named=frozenset({"brand-b", "brand-a"})))

    outcome = stage.run("programs", "apply", str(file), "--stage", "dev")

    assert outcome.code == 1
    assert "welcome names main. dev is deployed with brand-a, brand-b." in outcome.err
    assert names(stage) == []


def test_an_unknown_account_can_be_insisted_on_without_asking_the_deployment(file: Path) -> None:
    failure = Failed("lambda is not reachable", kind="unreachable")
    stage = FakeStage(deployment=FakeDeployment(failure=failure))

    outcome = stage.run("programs", "apply", str(file), "--allow-unknown-account")

    assert outcome.code == 0
    assert names(stage) == ["welcome"]


def test_programs_are_listed_with_their_gates(tmp_path: Path) -> None:
    stage = FakeStage()
    file = tmp_path / "programs.yaml"
    file.write_text(WHOLE)
    stage.run("programs", "apply", str(file))

    outcome = stage.run("programs", "list")
    code, data = stage.run_json("programs", "list")

    assert outcome.code == code == 0
    for shown in ("gold-members", "ECOMMERCE", "consent marketing", "18 or older", "from 2027-01"):
        assert shown in " ".join(outcome.out.split())
    listed = data["programs"]
    assert isinstance(listed, list)
    assert listed[0]["match"]["detail"]["attributes"]["country"] == ["NO", "GB"]
    assert listed[0]["valid_until"] == "2028-01-01T00:00:00+00:00"
    assert listed[0]["required_consents"] == ["marketing", "terms"]


def test_a_program_without_gates_is_listed_with_none() -> None:
    stage = FakeStage()
    stage.run("programs", "apply", str(SAMPLE))

    outcome = stage.run("programs", "list")

    assert "welcome" in outcome.out
    assert "consent" not in outcome.out
    assert "None" not in outcome.out


def test_an_empty_list_says_what_to_do() -> None:
    assert "apply a file" in FakeStage().run("programs", "list").out


def test_a_program_is_removed_by_its_name() -> None:
    stage = FakeStage(programs=MemoryPrograms(replace(any_program(), name="other")))

    removed = stage.run("programs", "remove", "other")
    again = stage.run("programs", "remove", "other")

    assert (removed.code, removed.out) == (0, "other is removed.\n")
    assert (again.code, again.err) == (1, "there is no program other\n")


def with_a_newer_one(name: str) -> FakeStage:
    """Return a stage with one program that this version cannot read, and one that it can."""
    programs = MemoryPrograms(
        replace(any_program(), name=name), replace(any_program(), name="other")
    )
    programs.unreadable.add(name)
    return FakeStage(programs=programs)


def test_a_program_that_cannot_be_read_is_named_beside_the_others() -> None:
    stage = with_a_newer_one("of-next")

    outcome = stage.run("programs", "list")
    _, data = stage.run_json("programs", "list")

    assert outcome.code == 0
    assert "other" in outcome.out
    assert "of-next" in outcome.err
    assert data["unreadable"] == ["of-next"]


def test_a_program_that_cannot_be_read_is_replaced_by_the_one_of_the_file(file: Path) -> None:
    stage = with_a_newer_one("welcome")

    outcome = stage.run("programs", "apply", str(file))

    assert "~ welcome: replaced; this version could not read it" in outcome.out
    assert sorted(names(stage)) == ["other", "welcome"]


def test_a_program_that_cannot_be_read_can_be_removed() -> None:
    stage = with_a_newer_one("of-next")

    assert stage.run("programs", "remove", "of-next").code == 0

    assert names(stage) == ["other"]
    assert stage.programs.active().unreadable == frozenset()


def test_a_ledger_that_does_not_answer_ends_with_3() -> None:
    stage = FakeStage()
    stage.programs.failure = LedgerUnavailable("programs: AccessDeniedException")

    outcome = stage.run("programs", "list")
    code, data = stage.run_json("programs", "list")

    assert (outcome.code, code) == (3, 3)
    assert "access is denied (AccessDeniedException)" in outcome.err
    assert isinstance(data["error"], dict)
    assert data["error"]["kind"] == "unreachable"


def test_the_stage_comes_from_the_option_or_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = FakeStage()

    stage.run("programs", "list")
    stage.run("programs", "list", "--stage", "prod")
    monkeypatch.setenv("COUPONBUS_STAGE", "dev")
    stage.run("programs", "list")

    assert stage.opened == [Stage.LOCAL, Stage("prod"), Stage("dev")]


def test_a_command_that_is_not_understood_ends_with_2() -> None:
    assert FakeStage().run("programs", "list", "--stage", "Moon!").code == 2
    assert FakeStage().run("programs", "paint").code == 2
