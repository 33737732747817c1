"""`couponbus config`, and the stages that the command finds in the file."""

import json
from pathlib import Path

import pytest

from couponbus_cli.app.stage import Stage, stage_named
from couponbus_config.configuration_error import ConfigurationError
from tests.infra.stages import SAMPLES
from tests.unit.cli.stage import FakeStage


def test_a_sample_is_written_once_and_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "couponbus.yaml"
    stage = FakeStage()

    assert stage.run("config", "init", str(file), "--sample", "agency").code == 0
    again = stage.run("config", "init", str(file))
    checked = stage.run("config", "check", str(file), "--json")

    assert (again.code, again.err) == (1, f"{file} is not written: File exists\n")
    assert json.loads(checked.out)["name"] == "agency"


def test_a_mistake_ends_with_2_and_its_place(tmp_path: Path) -> None:
    file = tmp_path / "couponbus.yaml"
    file.write_text("stages:\n  dev:\n    coniq: 7\n")

    outcome = FakeStage().run("config", "check", str(file))

    assert outcome.code == 2
    assert outcome.err.startswith(f"{file}:3:5: stages.dev.coniq: ")


def test_an_id_that_changed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    text = (SAMPLES / "shop.yaml").read_text()
    file.write_text(text.replace("- name: main", "- {name: main, id: uk, base_url: x}", 0))
    file.write_text(text.replace("      - name: main\n", "      - name: main\n        id: uk\n"))

    outcome = FakeStage().run("config", "check", str(file), "--was", str(SAMPLES / "shop.yaml"))

    assert outcome.code == 2
    assert "stage prod: the Coniq account main had the id main and has uk now" in outcome.err


def test_an_unknown_sample_and_a_file_that_is_not_there_are_answered(tmp_path: Path) -> None:
    unknown = FakeStage().run("config", "init", str(tmp_path / "x"), "--sample", "bank")
    missing = FakeStage().run("config", "check", str(tmp_path / "x"))

    assert (unknown.code, missing.code) == (2, 2)
    assert "use one of agency, local, shop" in unknown.err
    assert "`couponbus config init` writes one" in missing.err


def test_the_schema_is_shown() -> None:
    assert json.loads(FakeStage().run("config", "schema").out)["title"] == "couponbus.yaml"


def test_a_stage_has_the_names_of_its_installation() -> None:
    stage = stage_named("live", environment={"COUPONBUS_CONFIG": str(SAMPLES / "agency.yaml")})

    assert (stage, stage.names.base, stage.log_days) == ("live", "agency-live", 30)


def test_a_stage_that_the_file_has_not_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="use one of staging, live"):
        stage_named("prod", environment={"COUPONBUS_CONFIG": str(SAMPLES / "agency.yaml")})


def test_without_a_file_any_stage_is_one_of_couponbus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert stage_named("qa", environment={}).names.base == "couponbus-qa"
    assert stage_named("local", environment={}) is Stage.LOCAL
    with pytest.raises(ConfigurationError, match="is no stage"):
        stage_named("QA", environment={})
