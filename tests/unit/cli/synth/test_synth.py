"""`couponbus synth` refuses what it cannot deploy before anything is written."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from couponbus_cli.main import app

GOOD = """stages:
  dev:
    alarm_to: [ops@shop.example]
    coniq: [{name: main, base_url: https://api-stage.coniq.com}]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "couponbus.yaml"
    file.write_text(GOOD)
    return file


def synth(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["synth", *arguments])


def test_a_mistake_is_answered_with_line_and_column_and_nothing_is_written(file: Path) -> None:
    file.write_text(GOOD.replace("alarm_to", "alarm_too"))

    refused = synth("--stage", "dev")

    assert refused.exit_code == 2
    assert "couponbus.yaml:3:5: stages.dev.alarm_too: unknown" in refused.stderr
    assert [*file.parent.iterdir()] == [file]


def test_for_programs_the_mistake_has_its_line(file: Path) -> None:
    file.write_text(GOOD.replace("alarm_to", "alarm_too"))

    refused = json.loads(synth("--stage", "dev", "--json").stdout)["error"]

    assert (refused["kind"], refused["details"][0]["line"]) == ("config_invalid", 3)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--stage", "staging"], "there is no stage 'staging': use one of dev\n"),
        ([], "no stage is named: use one of dev\n"),
        (["--stage", "dev", "--context", "qualifier"], "'qualifier' is no KEY=VALUE\n"),
        (["--stage", "dev", "--config", "other.yaml"], "other.yaml cannot be read"),
    ],
)
def test_what_is_named_and_is_not_there_is_a_usage_error(
    file: Path, given: list[str], sentence: str
) -> None:
    refused = synth(*given)

    assert refused.exit_code == 2
    assert sentence in refused.stderr
    assert [*file.parent.iterdir()] == [file]
