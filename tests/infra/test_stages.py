"""The settings of a stage, the file that they come from, and the errors of both."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import App

from couponbus.aws.ledger.retention import DECIDED_LEAST
from couponbus_config.configuration_error import ConfigurationError
from infra.app import build
from infra.aws_endpoint import refuse_loopback
from infra.log_retention import DAYS
from infra.sources import ROOT, Sources
from tests.infra.assembly import Assembly
from tests.infra.project import app_of, small_project, synthesised
from tests.infra.stages import DEV, LOCAL, SAMPLES, STAGES
from tests.infra.test_limits import assembly_of


def test_only_prod_calls_the_production_of_coniq() -> None:
    urls = {name: [each.base_url for each in stage.accounts] for name, stage in STAGES.items()}

    assert urls["prod"] == ["https://api.coniq.com"]
    assert urls["dev"] == ["https://api-stage.coniq.com"]


def test_only_prod_calls_the_production_of_koupon() -> None:
    urls = {name: [one.base_url for one in each.koupon_accounts] for name, each in STAGES.items()}

    assert urls["prod"] == ["https://consumer.kouponmedia.com"]
    assert urls["dev"] == ["https://consumer.sandbox1.kouponmedia.com"]


def test_no_stage_forgets_a_decided_issuance_unless_it_says_so() -> None:
    assert {stage.issuance_days for stage in STAGES.values()} == {None}


@pytest.mark.parametrize("days", [0, -1, DECIDED_LEAST.days - 1])
def test_issuances_are_kept_for_longer_than_they_can_be_needed(days: int) -> None:
    replace(DEV, issuance_days=DECIDED_LEAST.days)

    with pytest.raises(ConfigurationError, match="use 400 or more, or None to keep"):
        replace(DEV, issuance_days=days)


def test_every_retention_of_logs_that_the_file_may_name_is_known_to_the_cdk() -> None:
    schema = json.loads((SAMPLES.parent / "couponbus.schema.json").read_text())

    assert set(schema["$defs"]["LogDays"]["enum"]) == DAYS.keys()


def test_only_the_local_stage_has_a_clock_that_can_be_moved(local: Assembly, dev: Assembly) -> None:
    for assembly, file in ((local, LOCAL.clock_file), (dev, None)):
        files = {
            each.properties["Environment"]["Variables"].get("CLOCK_FILE")
            for each in assembly.functions.values()
        }
        assert files == {file}


@pytest.mark.parametrize("setting", ["clock_file", "layer"])
def test_what_is_for_this_machine_is_refused_elsewhere(setting: str) -> None:
    with pytest.raises(ConfigurationError, match=f"only the stage local has a {setting}"):
        replace(DEV, **{setting: "somewhere"})  # type: ignore[arg-type]


@pytest.mark.parametrize("stage", ["dev", "prod"])
@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("AWS_ENDPOINT_URL", "https://127.0.0.1:4566"),
        ("AWS_ENDPOINT_URL_CLOUDFORMATION", "http://localhost:4566"),
    ],
)
def test_what_is_for_aws_is_not_written_in_a_shell_that_leads_to_this_machine(
    stage: str,
    name: str,
    url: str,
    project: Sources,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, url)

    with pytest.raises(ConfigurationError, match=f"{stage} is for AWS: unset {name}"):
        app_of(project, tmp_path / "out", stage=STAGES[stage])


@pytest.mark.parametrize(
    ("stage", "url"),
    [("local", "https://127.0.0.1:4566"), ("dev", "https://aws.proxy.example"), ("dev", "invalid")],
)
def test_loopback_is_accepted_for_the_local_stage_and_another_address_for_each(
    stage: str, url: str
) -> None:
    refuse_loopback(stage, environment={"AWS_ENDPOINT_URL": url, "OTHER": "http://localhost"})


def test_the_local_stage_may_have_the_layer_of_another_machine(project: Sources) -> None:
    assert replace(LOCAL, layer="macos-arm64").layer == "macos-arm64"

    with pytest.raises(ConfigurationError, match="layer for macos-arm64 is not built"):
        project.vendor_layer("macos-arm64")


def test_a_layer_that_is_not_built_is_answered_with_the_command_that_builds_it(
    project: Sources, tmp_path: Path
) -> None:
    unbuilt = Sources(root=project.root, vendor=tmp_path / "nothing")

    with pytest.raises(ConfigurationError, match="for arm64 is not built: run `make layers`"):
        app_of(unbuilt, tmp_path / "out")


def test_a_function_without_handler_is_named(tmp_path: Path) -> None:
    sources = small_project(tmp_path / "project")
    (sources.root / "functions" / "sweep_due" / "handler.py").unlink()

    with pytest.raises(ConfigurationError, match=r"functions/sweep_due/handler\.py is missing"):
        app_of(sources, tmp_path / "out")


def test_the_names_of_an_installation_begin_with_its_own(project: Sources, tmp_path: Path) -> None:
    text = (SAMPLES / "shop.yaml").read_text().replace("stages:", "name: acme\nstages:", 1)
    file = tmp_path / "couponbus.yaml"
    file.write_text(text)
    app = App(outdir=str(tmp_path / "out"), context={"config": str(file), "stage": "dev"})

    build(app, sources=project)
    app.synth()

    templates = sorted(path.read_text() for path in (tmp_path / "out").glob("acme-dev-*.json"))
    assert templates
    assert not any("couponbus-" in text or '"couponbus/' in text for text in templates)


def synthesis(folder: Path, **context: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=ROOT,
        env=os.environ
        | {"CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": str(folder / "out")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_mistake_in_the_file_ends_the_synthesis_with_line_and_column_and_nothing_written(
    tmp_path: Path,
) -> None:
    file = tmp_path / "couponbus.yaml"
    file.write_text("stages:\n  dev:\n    alarm_too: []\n    coniq: [{name: main}]\n")
    # Of an earlier synthesis, which a deployment would take for this one.
    assembly_of(tmp_path / "out", "couponbus-dev-state", {})

    run = synthesis(tmp_path, config=str(file), stage="dev")

    assert (run.returncode, run.stdout) == (2, "")
    assert "couponbus.yaml:3:5: stages.dev.alarm_too: unknown; did you mean alarm_to?" in run.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("stage", "sentence"),
    [
        ("staging", "there is no stage 'staging': use one of dev, prod"),
        ("", "no stage is named: use one of dev, prod"),
    ],
)
def test_a_stage_that_the_file_has_not_is_answered_with_those_that_it_has(
    stage: str, sentence: str, project: Sources, tmp_path: Path
) -> None:
    context = {"config": str(SAMPLES / "shop.yaml"), "stage": stage}
    app = App(outdir=str(tmp_path / "out"), context=context)

    with pytest.raises(ConfigurationError, match=f"^{sentence}$"):
        build(app, sources=project)


def test_the_local_stage_has_no_monitoring_because_the_engine_does_not_know_its_types(
    local: Assembly, dev: Assembly
) -> None:
    assert set(dev.templates) - set(local.templates) == {"monitoring"}


def test_the_local_stage_may_have_the_alarms_without_the_dashboard(
    project: Sources, tmp_path: Path
) -> None:
    local = synthesised(project, tmp_path / "out", stage=replace(LOCAL, monitoring=("alarms",)))

    assert local.of("AWS::CloudWatch::Alarm")
    assert local.of("AWS::CloudWatch::Dashboard") == []


def test_templates_name_no_account_and_no_region(dev: Assembly) -> None:
    manifest = json.loads((dev.folder / "manifest.json").read_text())["artifacts"]
    environments = {each.get("environment", "none") for each in manifest.values()}

    assert environments == {"aws://unknown-account/unknown-region", "none"}
