"""A new version gets a part of the invocations first, and goes when an alarm rings."""

import json
from dataclasses import replace
from typing import Any

import pytest
from aws_cdk.aws_codedeploy import LambdaDeploymentConfig

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.file import InstallationInvalid, installation_in
from infra.constructs.gradual import SHIFTS
from infra.functions import FUNCTIONS
from infra.sources import Sources
from tests.infra.assembly import Assembly, Resource, listed
from tests.infra.project import synthesised
from tests.infra.stages import DEV, LOCAL

GROUP = "AWS::CodeDeploy::DeploymentGroup"
NAMES = {function.name for function in FUNCTIONS}
MOST_ALARMS = 10  # that CodeDeploy takes for a group


@pytest.fixture(scope="module")
def canary(project: Sources, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    stage = replace(DEV, gradual="canary")
    return synthesised(project, tmp_path_factory.mktemp("canary"), stage=stage)


def shifts(assembly: Assembly) -> dict[str, Resource]:
    """Return by function the group by which its alias is updated."""
    groups = {}
    for alias in assembly.of("AWS::Lambda::Alias"):
        policy = alias.body.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate")
        if policy:
            group = assembly.templates["workers"]["Resources"][policy["DeploymentGroupName"]["Ref"]]
            assert group["Properties"]["ApplicationName"] == policy["ApplicationName"]
            function = assembly.target(alias.properties["FunctionName"], "workers").properties
            name = function["FunctionName"].removeprefix("couponbus-dev-")
            groups[name] = Resource("workers", name, GROUP, group)
    return groups


def test_a_stage_has_no_gradual_deployments_unless_it_says_so(dev: Assembly) -> None:
    assert not shifts(dev) and not dev.of(GROUP)
    assert not dev.of("AWS::CodeDeploy::Application")


def test_each_alias_is_shifted_by_the_group_of_its_function(canary: Assembly) -> None:
    found = shifts(canary)

    assert set(found) == NAMES
    assert {name: each.properties["DeploymentGroupName"] for name, each in found.items()} == {
        name: name for name in NAMES
    }
    assert {each.properties["DeploymentConfigName"] for each in found.values()} == {
        "CodeDeployDefault.LambdaCanary10Percent10Minutes"
    }


def test_whatever_starts_a_function_starts_its_alias_or_nothing_would_be_shifted(
    canary: Assembly,
) -> None:
    mappings = [
        each.properties["FunctionName"] for each in canary.of("AWS::Lambda::EventSourceMapping")
    ]
    schedules = [each.properties["Target"]["Arn"] for each in canary.of("AWS::Scheduler::Schedule")]
    permissions = [each.properties["FunctionName"] for each in canary.of("AWS::Lambda::Permission")]
    integrations = [
        each.properties["IntegrationUri"] for each in canary.of("AWS::ApiGatewayV2::Integration")
    ]

    for alias in (*mappings, *schedules, *permissions, *integrations):
        assert canary.worker(alias, "workers")
    assert mappings and schedules and permissions and integrations


def test_alarms_of_the_stage_and_of_the_function_end_its_deployment(canary: Assembly) -> None:
    alarms = {each.properties["AlarmName"] for each in canary.of("AWS::CloudWatch::Alarm")}
    for name, group in shifts(canary).items():
        configured = group.properties["AlarmConfiguration"]
        ringing = {each["Name"] for each in configured["Alarms"]}

        assert configured["Enabled"] is True
        assert ringing <= alarms and len(ringing) <= MOST_ALARMS
        assert {"couponbus-dev-callbacks-5xx", f"couponbus-dev-{name}-errors"} <= ringing
        assert "DEPLOYMENT_STOP_ON_ALARM" in group.properties["AutoRollbackConfiguration"]["Events"]


def test_the_workers_need_no_stack_of_alarms_which_needs_them(canary: Assembly) -> None:
    manifest: dict[str, Any] = json.loads((canary.folder / "manifest.json").read_text())
    needed = manifest["artifacts"]["couponbus-dev-workers"]["dependencies"]

    assert "couponbus-dev-monitoring" not in needed


def test_codedeploy_may_move_this_alias_and_read_these_alarms(canary: Assembly) -> None:
    for name, group in shifts(canary).items():
        role = canary.target(group.properties["ServiceRoleArn"], "workers")
        (policy,) = [
            canary.target(each, "workers") for each in role.properties["ManagedPolicyArns"]
        ]
        allowed = {
            action: {canary.words(each, "workers") for each in listed(statement["Resource"])}
            for statement in canary.statements(policy)
            for action in listed(statement["Action"])
        }
        arn = f"arn:AWS::Partition:lambda:AWS::Region:AWS::AccountId:function:couponbus-dev-{name}"
        start = "arn:AWS::Partition:cloudwatch:AWS::Region:AWS::AccountId:alarm:"
        alarms = group.properties["AlarmConfiguration"]["Alarms"]

        assert allowed == {
            "lambda:GetAlias": {arn, f"{arn}:live"},
            "lambda:GetProvisionedConcurrencyConfig": {arn, f"{arn}:live"},
            "lambda:UpdateAlias": {arn, f"{arn}:live"},
            "cloudwatch:DescribeAlarms": {f"{start}{each['Name']}" for each in alarms},
        }
        (trust,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "codedeploy.amazonaws.com"}
        assert trust["Condition"] == {
            "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        }


def test_only_the_functions_that_are_named_are_shifted() -> None:
    chosen = ("receive_callback", "issue_barcodes")

    assert replace(DEV, gradual="linear", gradual_functions=chosen).shifted_gradually == chosen
    assert replace(DEV, gradual_functions=chosen).shifted_gradually == ()


def test_aws_has_the_shifts_of_each_kind() -> None:
    predefined = LambdaDeploymentConfig
    assert set(SHIFTS.values()) == {
        predefined.CANARY_10_PERCENT_10_MINUTES.deployment_config_name,
        predefined.LINEAR_10_PERCENT_EVERY_1_MINUTE.deployment_config_name,
    }


STAGE = """\
stages:
  dev:
    alarm_to: [ops@example.com]
"""


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["gradual: slowly"], "c.yaml:4:5: stages.dev.gradual: Input should be 'none', 'canary'"),
        (["gradual_functions: [issue]"], "c.yaml:4:25: stages.dev.gradual_functions[0]: gradual"),
        (["gradual: linear", "monitoring: [dashboard]"], "c.yaml:4:5: stages.dev.gradual: gradual"),
    ],
)
def test_what_cannot_be_shifted_is_refused_with_its_place(settings: list[str], said: str) -> None:
    with pytest.raises(InstallationInvalid) as raised:
        installation_in(STAGE + "".join(f"    {each}\n" for each in settings), file="c.yaml")

    assert said in str(raised.value)


def test_this_machine_has_no_gradual_deployments() -> None:
    with pytest.raises(ConfigurationError, match="no CodeDeploy"):
        replace(LOCAL, gradual="canary", monitoring=("alarms",))
