"""The settings of a stage, their overrides on the command line, and the errors of both."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import App

from couponbus.aws.ledger.retention import DECIDED_LEAST
from infra.aws_endpoint import refuse_loopback
from infra.config import STAGES
from infra.configuration_error import ConfigurationError
from infra.sources import ROOT, Sources
from infra.stage_context import stage_from
from tests.infra.assembly import Assembly
from tests.infra.project import LOCAL, app_of, small_project, synthesised


def stage_of(context: Mapping[str, object]) -> object:
    return stage_from(App(context=dict(context)).node)


def test_dev_is_the_default_stage() -> None:
    assert stage_of({}) == STAGES["dev"]


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
    replace(STAGES["dev"], issuance_days=DECIDED_LEAST.days)

    with pytest.raises(ConfigurationError, match="use 400 or more, or None to keep"):
        replace(STAGES["dev"], issuance_days=days)


def test_the_local_stage_takes_simulators_timing_and_rate_from_the_command_line() -> None:
    overrides = {"timing": '{"settle": 3, "between_look_ups": 0.5}', "calls_per_second": "50"}

    stage = stage_from(App(context={**LOCAL, **overrides, "arch": "x86_64"}).node)

    ((coniq,), (uniqodo,), (koupon,)) = (
        stage.accounts,
        stage.uniqodo_accounts,
        stage.koupon_accounts,
    )
    assert (coniq.base_url, coniq.calls_per_second) == ("http://127.0.0.1:9", 50)
    assert (uniqodo.base_url, uniqodo.calls_per_second) == ("http://127.0.0.1:10", 50)
    assert (koupon.base_url, koupon.calls_per_second) == ("http://127.0.0.1:11", 50)
    assert (stage.timing.settle, stage.timing.between_look_ups, stage.timing.post) == (3, 0.5, 30)
    assert stage.architecture == "x86_64"


def test_without_a_simulator_the_local_stage_does_not_poll_that_provider() -> None:
    stage = stage_from(App(context={"stage": "local", "coniq_url": LOCAL["coniq_url"]}).node)

    assert (stage.uniqodo_accounts, stage.koupon_accounts) == ((), ())
    assert stage.clock_file is None


def test_only_the_local_stage_has_a_clock_that_can_be_moved(local: Assembly, dev: Assembly) -> None:
    for assembly, file in ((local, LOCAL["clock_file"]), (dev, None)):
        files = {
            each.properties["Environment"]["Variables"].get("CLOCK_FILE")
            for each in assembly.functions.values()
        }
        assert files == {file}


def test_timing_may_also_come_as_an_object_because_context_in_json_is_not_text() -> None:
    stage = stage_from(App(context={**LOCAL, "timing": {"handover": 7}}).node)

    assert stage.timing.handover == 7


@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        ({"stage": "staging"}, "stage is 'staging': use one of dev, prod, local"),
        ({"arch": "mips"}, "arch is 'mips': use arm64 or x86_64"),
        ({"stage": "local"}, "the local stage needs the simulator: -c coniq_url=http://..."),
        ({"stage": "prod", "timing": {"settle": 1}}, "only the local stage reads timing"),
        ({"stage": "prod", "clock_file": "clock"}, "only the local stage reads clock_file"),
        ({"stage": "dev", "layer": "macos-arm64"}, "only the local stage reads layer"),
        ({"stage": "dev", "koupon_url": "http://x"}, "only the local stage reads koupon_url"),
        ({"stage": "prod", "monitoring": "alarms"}, "only the local stage reads monitoring"),
        ({**LOCAL, "monitoring": "all"}, "monitoring is 'all': use alarms, or leave it out"),
        ({**LOCAL, "timing": {"setle": 1}}, "timing has no setle"),
        ({**LOCAL, "timing": "[1]"}, "timing must be a JSON object of seconds"),
    ],
)
def test_a_mistake_in_the_context_is_answered_with_one_sentence(
    context: Mapping[str, object], sentence: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        stage_of(context)

    assert str(refused.value) == sentence


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
        app_of(project, tmp_path / "out", context={"stage": stage})


@pytest.mark.parametrize(
    ("stage", "url"),
    [("local", "https://127.0.0.1:4566"), ("dev", "https://aws.proxy.example"), ("dev", "invalid")],
)
def test_loopback_is_accepted_for_the_local_stage_and_another_address_for_each(
    stage: str, url: str
) -> None:
    refuse_loopback(stage, environment={"AWS_ENDPOINT_URL": url, "OTHER": "http://localhost"})


def test_the_local_stage_may_have_the_layer_of_another_machine(project: Sources) -> None:
    context = {**LOCAL, "layer": "macos-arm64"}

    assert stage_from(App(context=context).node).layer == "macos-arm64"
    with pytest.raises(ConfigurationError, match="layer for macos-arm64 is not built"):
        project.vendor_layer("macos-arm64")


def test_a_layer_that_is_not_built_is_answered_with_the_command_that_builds_it(
    project: Sources, tmp_path: Path
) -> None:
    unbuilt = Sources(root=project.root, vendor=tmp_path / "nothing")

    with pytest.raises(ConfigurationError, match="for arm64 is not built: run `make layers`"):
        app_of(unbuilt, tmp_path / "out", context={"stage": "dev"})


def test_a_function_without_handler_is_named(tmp_path: Path) -> None:
    sources = small_project(tmp_path / "project")
    (sources.root / "functions" / "sweep_due" / "handler.py").unlink()

    with pytest.raises(ConfigurationError, match=r"functions/sweep_due/handler\.py is missing"):
        app_of(sources, tmp_path / "out", context={"stage": "dev"})


def test_the_command_ends_with_the_sentence_and_an_exit_code() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=ROOT,
        env=os.environ | {"CDK_CONTEXT_JSON": '{"stage": "staging"}'},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.stderr == "stage is 'staging': use one of dev, prod, local\n"
    assert run.returncode == 1


def test_the_local_stage_has_no_monitoring_because_the_engine_does_not_know_its_types(
    local: Assembly, dev: Assembly
) -> None:
    assert set(local.templates) == {"state", "messaging", "workers"}
    assert set(dev.templates) - set(local.templates) == {"monitoring"}


def test_the_local_stage_may_have_the_alarms_without_the_dashboard(
    project: Sources, tmp_path: Path
) -> None:
    local = synthesised(project, tmp_path / "out", context={**LOCAL, "monitoring": "alarms"})

    assert local.of("AWS::CloudWatch::Alarm")
    assert local.of("AWS::CloudWatch::Dashboard") == []


def test_templates_name_no_account_and_no_region(dev: Assembly) -> None:
    manifest = json.loads((dev.folder / "manifest.json").read_text())["artifacts"]
    environments = {each.get("environment", "none") for each in manifest.values()}

    assert environments == {"aws://unknown-account/unknown-region", "none"}
