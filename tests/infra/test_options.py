"""Each option of a stage, alone and with the others: what it deploys, and what it refuses."""

import itertools
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import App

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.names import Names
from couponbus_config.options import Domain, Network, Reserved
from couponbus_config.stage import StageConfig
from infra.app import build_stage, feature_flags
from infra.functions import FUNCTIONS
from infra.release.execution_rights import RIGHTS
from infra.sources import Sources
from tests.infra.assembly import Assembly
from tests.infra.stages import DEV
from tests.infra.test_linters import CFN_LINT, IGNORED_BY_CFN_LINT
from tests.thorough import amount

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
DOMAIN = Domain(name="sign-ups.example.com", certificate=CERTIFICATE)
NETWORK = Network(
    subnets=("subnet-0a1b2c3d", "subnet-0123456789abcdef0"), security_groups=("sg-0e3f4a5b",)
)
RESERVED = (Reserved(function="issue_barcodes", executions=5),)
PLAIN = replace(DEV, alarm_to=("operator@example.com",))
TRACES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
INTERFACES = {
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
}
SWITCHES: tuple[Callable[[StageConfig], StageConfig], ...] = (
    lambda stage: replace(stage, tracing="active"),
    lambda stage: replace(stage, domain=DOMAIN),
    lambda stage: replace(stage, network=NETWORK),
    lambda stage: replace(stage, reserved=RESERVED),
    lambda stage: replace(stage, warm_write_units=8_000),
    lambda stage: replace(stage, gradual="linear"),
)
COMBINATIONS = tuple(itertools.product((True, False), repeat=len(SWITCHES)))


def stage_with(chosen: tuple[bool, ...]) -> StageConfig:
    stage = PLAIN
    for switch, on in zip(SWITCHES, chosen, strict=True):
        stage = switch(stage) if on else stage
    return stage


def assembly_of(stage: StageConfig, sources: Sources, outdir: Path) -> Assembly:
    app = App(analytics_reporting=False, outdir=str(outdir), context=feature_flags())
    build_stage(app, stage, names=Names(stage=stage.name), sources=sources)
    app.synth()
    return Assembly(outdir, stage.name)


@pytest.fixture(scope="module")
def everything(project: Sources, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return assembly_of(stage_with(COMBINATIONS[0]), project, tmp_path_factory.mktemp("options"))


def lint(assembly: Assembly) -> tuple[str, int]:
    templates = map(str, assembly.folder.glob("*.template.json"))
    run = subprocess.run(
        [
            *(str(CFN_LINT), "--ignore-checks", IGNORED_BY_CFN_LINT),
            *("--regions", "eu-west-1", "--", *templates),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return run.stdout, run.returncode


def everywhere(assembly: Assembly) -> list[set[str]]:
    """Return the actions of each statement that is granted on all resources."""
    return [
        set(statement["Action"])
        for policy in assembly.of("AWS::IAM::ManagedPolicy")
        for statement in assembly.statements(policy)
        if statement["Resource"] == "*"
    ]


def test_all_options_together_pass_cfn_lint(everything: Assembly) -> None:
    assert lint(everything) == ("", 0)


def test_cloudformation_has_rights_for_each_type_that_any_option_deploys_and_no_other(
    everything: Assembly,
) -> None:
    assert set(RIGHTS) == {resource.type for resource in everything.everything}


@pytest.mark.thorough
@pytest.mark.parametrize("chosen", COMBINATIONS[1 : 1 + amount(len(COMBINATIONS), few=1)])
def test_every_combination_of_options_synthesises_and_passes_cfn_lint(
    chosen: tuple[bool, ...], project: Sources, tmp_path: Path
) -> None:
    assert lint(assembly_of(stage_with(chosen), project, tmp_path)) == ("", 0)


def test_without_options_nothing_is_granted_on_all_resources(dev: Assembly) -> None:
    assert everywhere(dev) == []


def test_only_traces_and_network_interfaces_are_granted_on_all_resources(
    everything: Assembly,
) -> None:
    granted = everywhere(everything)

    assert granted == [TRACES | INTERFACES] * len(FUNCTIONS)


def test_with_tracing_each_function_sends_traces(everything: Assembly, dev: Assembly) -> None:
    def modes(of: Assembly) -> set[str]:
        return {
            each.properties.get("TracingConfig", {}).get("Mode", "PassThrough")
            for each in of.functions.values()
        }

    assert (modes(dev), modes(everything)) == ({"PassThrough"}, {"Active"})


def test_in_a_network_each_function_has_its_subnets_and_groups(everything: Assembly) -> None:
    for each in everything.functions.values():
        assert each.properties["VpcConfig"] == {
            "SubnetIds": list(NETWORK.subnets),
            "SecurityGroupIds": list(NETWORK.security_groups),
        }


def test_a_domain_takes_the_place_of_the_address_of_aws(everything: Assembly) -> None:
    (api,) = everything.of("AWS::ApiGatewayV2::Api")
    (mapping,) = everything.of("AWS::ApiGatewayV2::ApiMapping")
    outputs = everything.templates["workers"]["Outputs"]

    assert api.properties["DisableExecuteApiEndpoint"] is True
    assert everything.target(mapping.properties["ApiId"], "workers") == api
    assert outputs["CallbacksUrl"]["Value"] == "https://sign-ups.example.com"
    assert "DomainTarget" in outputs


def test_executions_are_reserved_for_the_functions_that_are_named(everything: Assembly) -> None:
    reserved = {
        name: each.properties.get("ReservedConcurrentExecutions")
        for name, each in everything.functions.items()
    }

    assert {name: units for name, units in reserved.items() if units} == {"issue_barcodes": 5}


def test_table_and_the_indexes_that_a_sign_up_writes_are_warm(everything: Assembly) -> None:
    (table,) = everything.of("AWS::DynamoDB::Table")
    warm = {
        each["IndexName"]
        for each in table.properties["GlobalSecondaryIndexes"]
        if each.get("WarmThroughput") == {"WriteUnitsPerSecond": 8_000}
    }

    assert table.properties["WarmThroughput"] == {"WriteUnitsPerSecond": 8_000}
    assert warm == {"due", "signups", "cohorts", "ends", "history"}


def test_every_function_may_have_reserved_executions() -> None:
    assert set(PLAIN.started_at_once) == {each.name for each in FUNCTIONS}


def reserved(function: str, executions: int) -> Callable[[], StageConfig]:
    return lambda: replace(PLAIN, reserved=(Reserved(function=function, executions=executions),))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (reserved("issue_barcode", 5), "reserved names 'issue_barcode': use one of audit_barcodes"),
        (reserved("issue_barcodes", 1), "its queues start 2 at once"),
        (reserved("deliver_webhooks", 30), "its queues start 35 at once"),
        (lambda: replace(PLAIN, reserved=RESERVED * 2), "reserved names issue_barcodes twice"),
        (lambda: replace(PLAIN, warm_write_units=3_999), "use 4000 to 40000, or None"),
        (lambda: Domain(name="https://example.com", certificate=CERTIFICATE), "domain is 'https:"),
        (lambda: Domain(name="a.example.com", certificate="mine"), "use the ARN that"),
        (lambda: Network(subnets=(), security_groups=("sg-0e3f4a5b",)), "0 subnets: use 1 to 16"),
        (lambda: Network(subnets=("subnet-1",), security_groups=("sg-1",)), "no id of a subnet"),
    ],
)
def test_an_option_that_cannot_work_is_refused_with_a_sentence(
    wrong: Callable[[], object], sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        wrong()
