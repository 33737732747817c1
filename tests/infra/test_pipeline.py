"""A pipeline has a role for one environment, and alarms that take a deployment back."""

import importlib.util
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.release import pipeline, rollback_alarms
from infra.sources import ROOT
from tests.infra.assembly import Assembly
from tests.infra.stages import SAMPLES


def test_the_role_is_taken_by_one_environment_and_takes_three_roles_of_the_bootstrap(
    tmp_path: Path,
) -> None:
    arguments = ["shop/coupons", "--qualifier", "mine", "--out", str(tmp_path)]
    assert pipeline.main(arguments) == 0
    file = tmp_path / "cdk-pipeline-couponbus-production.template.json"
    resources: dict[str, Any] = json.loads(file.read_text())["Resources"]
    by_type = {body["Type"]: body["Properties"] for body in resources.values()}
    assert set(by_type) == {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy"}
    name = by_type["AWS::IAM::Role"]["RoleName"]["Fn::Join"][1]
    assert name == ["cdk-pipeline-couponbus-production-", {"Ref": "AWS::Region"}]
    assert by_type["AWS::IAM::Role"]["MaxSessionDuration"] == pipeline.SESSION_HOURS * 3600
    (trust,) = by_type["AWS::IAM::Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trust["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:shop/coupons:environment:production",
        }
    }
    (right,) = by_type["AWS::IAM::ManagedPolicy"]["PolicyDocument"]["Statement"]
    assert right["Action"] == "sts:AssumeRole"
    text = json.dumps(right["Resource"])
    assert [text.count(f"cdk-mine-{each}-role-") for each in pipeline.ROLES] == [1, 1, 1]
    assert len(right["Resource"]) == len(pipeline.ROLES) and "*" not in text


@pytest.mark.parametrize(
    "arguments",
    [["shop/*"], ["shop"], ["*/*"], ["shop/coupons", "--environment", "e" * 27]],
)
def test_a_role_for_any_repository_or_with_too_long_a_name_is_refused(
    arguments: list[str], tmp_path: Path
) -> None:
    assert pipeline.main([*arguments, "--out", str(tmp_path)]) == 2
    assert not list(tmp_path.iterdir())


def test_the_alarms_that_roll_back_are_five_of_the_stages_own(
    prod: Assembly, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = str(SAMPLES / "shop.yaml")
    assert rollback_alarms.main(["--stage", "prod", "--config", shop]) == 0
    found = capsys.readouterr().out.split()
    alarms = {
        body["Properties"]["AlarmName"]
        for body in prod.templates["monitoring"]["Resources"].values()
        if body["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert len(found) == 5 and set(found) <= alarms


WORKFLOW = ROOT / ".github" / "workflows" / "deploy.yml"


def steps_of(job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(WORKFLOW.read_text())["jobs"][job]["steps"]
    return found


def test_only_the_job_that_deploys_may_ask_for_a_token() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text())
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert jobs["checks"]["permissions"] == {"contents": "read"}
    assert jobs["deploy"]["permissions"] == {"contents": "read", "id-token": "write"}
    assert jobs["deploy"]["needs"] == "checks" and jobs["deploy"]["environment"]


def test_the_workflow_uses_no_action_but_a_pinned_checkout_and_no_expression_in_a_shell() -> None:
    steps = [*steps_of("checks"), *steps_of("deploy")]
    used = {step["uses"] for step in steps if "uses" in step}
    assert len(used) == 1 and re.fullmatch(r"actions/checkout@[0-9a-f]{40}", used.pop())
    assert not [step for step in steps if "${{" in step.get("run", "")]


def test_each_word_module_and_command_of_the_workflow_exists() -> None:
    text = "\n".join(step.get("run", "") for step in [*steps_of("checks"), *steps_of("deploy")])
    words = re.findall(r"\bmake ([a-z]+)", text)
    makefile = (ROOT / "Makefile").read_text()
    assert words and all(re.search(rf"^{word}:", makefile, re.MULTILINE) for word in words)
    modules = re.findall(r"python -m ([\w.]+)", text)
    assert modules and all(importlib.util.find_spec(module) for module in modules)
    commands = re.findall(r"bin/couponbus (\w+)", text)
    assert commands and all((ROOT / "couponbus_cli" / command).is_dir() for command in commands)


def test_a_stage_is_asked_after_its_deployment_and_a_wrong_answer_ends_the_run() -> None:
    runs = [step.get("run", "") for step in steps_of("deploy")]
    (deploy,) = [place for place, run in enumerate(runs) if "cdk deploy" in run]
    after = [run for run in runs[deploy + 1 :] if "||" not in run]
    assert any("infra.release.smoke" in run for run in after)
    assert any("couponbus doctor" in run for run in after)


def test_production_gets_what_was_deployed_and_asked_before_and_nothing_unchecked() -> None:
    called = yaml.safe_load(WORKFLOW.read_text())
    release = yaml.safe_load(WORKFLOW.with_name("release.yml").read_text())
    # YAML 1.1 reads the word `on` as true.
    inputs = called[True]["workflow_call"]["inputs"]
    required = {name for name, each in inputs.items() if each.get("required")}
    staging, production = release["jobs"]["staging"], release["jobs"]["production"]

    assert release["permissions"] == {} and release["concurrency"]
    assert production["needs"] == "staging" and "needs" not in staging
    for job in (staging, production):
        assert job["uses"] == "./.github/workflows/deploy.yml"
        assert job["permissions"] == called["jobs"]["deploy"]["permissions"]
        assert required <= set(job["with"]) <= set(inputs)
    assert staging["with"]["environment"] != production["with"]["environment"]
    assert "checked" not in staging["with"] and production["with"]["checked"] is True
    assert called["jobs"]["checks"]["if"] == "${{ !inputs.checked }}"
    assert called["jobs"]["deploy"]["if"] == "${{ !failure() && !cancelled() }}"
    assert inputs["checked"]["default"] is False


def test_the_keys_of_a_run_last_as_long_as_the_role_allows() -> None:
    text = "".join(step.get("run", "") for step in steps_of("deploy"))
    [seconds] = re.findall(r"--duration-seconds (\d+)", text)

    assert int(seconds) == pipeline.SESSION_HOURS * 3600


def test_nothing_is_deployed_before_the_diff() -> None:
    runs = [step.get("run", "") for step in steps_of("deploy")]
    (diff,) = [place for place, run in enumerate(runs) if "infra.release.diff" in run]
    (deploy,) = [place for place, run in enumerate(runs) if "cdk deploy" in run]
    assert diff < deploy and "||" not in runs[diff]


@pytest.mark.parametrize(
    ("deployed", "given"),
    [
        # A stack keeps its triggers, and no operation on it works once an alarm of them is gone.
        ("", " --rollback-trigger-alarm-arns none"),
        (
            "arn:one\tarn:two",
            " --monitoring-time-minutes 10 --rollback-trigger-alarm-arns arn:one"
            " --rollback-trigger-alarm-arns arn:two",
        ),
    ],
)
def test_only_alarms_that_are_deployed_may_roll_back(
    deployed: str, given: str, tmp_path: Path
) -> None:
    (run,) = [step["run"] for step in steps_of("deploy") if "cdk deploy" in step.get("run", "")]
    says = {"aws": f"printf '{deployed}'", "node": 'echo "$@"', ".venv/bin/python": "echo alarm"}
    for name, script in says.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    found = subprocess.run(
        ["bash", "-e", "-c", run],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:{os.defpath}", "STAGE": "prod"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split("--require-approval never")[1].rstrip() == given


def test_the_file_is_that_of_the_caller_in_each_step() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text())
    given = workflow["jobs"]["deploy"]["env"]
    runs = [step.get("run", "") for step in steps_of("deploy")]
    of_a_stage = [run for run in runs if "--stage" in run and "bin/couponbus" not in run]

    assert given["COUPONBUS_CONFIG"] == "${{ inputs.config }}"
    assert any('CONFIG="$COUPONBUS_CONFIG"' in run for run in runs)
    assert len(of_a_stage) == 2 and all('--config "$COUPONBUS_CONFIG"' in run for run in of_a_stage)


def test_the_alarms_have_the_name_of_the_installation_in_the_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    agency = str(SAMPLES / "agency.yaml")
    assert rollback_alarms.main(["--stage", "live", "--config", agency]) == 0
    assert all(name.startswith("agency-live-") for name in capsys.readouterr().out.split())

    with pytest.raises(SystemExit) as ended:
        rollback_alarms.main(["--stage", "prod", "--config", agency])
    assert ended.value.code == 2 and "there is no stage 'prod'" in capsys.readouterr().err
