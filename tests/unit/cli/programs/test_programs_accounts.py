"""The output of `couponbus programs apply` about renamed accounts."""

from pathlib import Path

import pytest

from tests.unit.cli.programs.test_programs_file import LEAST
from tests.unit.cli.stage import FakeDeployment, FakeStage

RENAMED = LEAST.replace("account: main", "account: uk")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "programs.yaml"
    path.write_text(LEAST)
    return path


def test_an_account_that_has_a_new_name_but_no_id_is_refused(file: Path) -> None:
    stage = FakeStage()
    stage.run("programs", "apply", str(file))
    stage.deployment.named = frozenset({"uk"})
    file.write_text(RENAMED)

    outcome = stage.run("programs", "apply", str(file))
    code, data = stage.run_json("programs", "apply", str(file))

    assert (outcome.code, code) == (1, 1)
    assert "coniq/main: local was deployed with it, and is not any more" in outcome.err
    assert "give it id='main' in couponbus.yaml" in outcome.err
    error = data["error"]
    assert isinstance(error, dict)
    assert (error["kind"], error["details"]) == ("account_missing", [{"account": "coniq/main"}])
    assert [program.account for program in stage.programs.active().readable] == ["main"]


def test_an_account_that_is_gone_is_said_once(file: Path) -> None:
    stage = FakeStage()
    stage.run("programs", "apply", str(file))
    stage.deployment.named = frozenset({"uk"})
    file.write_text(RENAMED)

    gone = stage.run("programs", "apply", str(file), "--account-gone", "coniq/main")
    again = stage.run("programs", "apply", str(file))

    assert (gone.code, again.code) == (0, 0)
    assert stage.seen_accounts.all() == {"coniq/uk"}


def test_a_dry_run_sees_no_account(file: Path) -> None:
    stage = FakeStage()

    stage.run("programs", "apply", str(file), "--dry-run")

    assert stage.seen_accounts.all() == frozenset()


def test_an_account_of_a_provider_that_no_program_uses_is_not_asked_about(file: Path) -> None:
    stage = FakeStage()
    stage.seen_accounts.see(["uniqodo/old"])

    assert stage.run("programs", "apply", str(file)).code == 0


def test_a_new_name_is_refused_before_it_is_deployed_as_well(file: Path) -> None:
    stage = FakeStage()
    stage.run("programs", "apply", str(file))
    file.write_text(RENAMED)

    outcome = stage.run("programs", "apply", str(file), "--allow-unknown-account")

    assert outcome.code == 1
    assert "coniq/main: local was deployed with it, and no program of the file" in outcome.err
    assert "--account-gone coniq/main" in outcome.err
    assert [program.account for program in stage.programs.active().readable] == ["main"]


@pytest.mark.parametrize("options", [("--account-gone", "coniq/main"), ()])
def test_an_account_beside_the_old_one_or_in_its_place_is_let_through(
    file: Path, options: tuple[str, ...]
) -> None:
    stage = FakeStage()
    stage.run("programs", "apply", str(file))
    another = RENAMED.partition("programs:\n")[2].replace("welcome", "welcome-uk")
    file.write_text(RENAMED if options else LEAST + another)

    outcome = stage.run("programs", "apply", str(file), "--allow-unknown-account", *options)

    assert outcome.code == 0
    assert "uk" in [program.account for program in stage.programs.active().readable]


def test_an_account_that_no_program_of_the_file_names_is_no_other_name_of_a_known_one(
    file: Path,
) -> None:
    stage = FakeStage(deployment=FakeDeployment(named=frozenset({"main", "uk"})))
    stage.run("programs", "apply", str(file))

    assert stage.run("programs", "apply", str(file), "--allow-unknown-account").code == 0
