"""Each option of a stage, alone and with the others: what it deploys, and what it refuses."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.options import Domain, Network, Reserved
from couponbus_config.stage import StageConfig
from infra.functions import FUNCTIONS
from infra.release.execution_rights import RIGHTS
from infra.sources import Sources
from tests.infra import nag
from tests.infra.assembly import Assembly
from tests.infra.cfn_lint import lint
from tests.infra.options import (
    CERTIFICATE,
    NETWORK,
    RESERVED,
    SPREAD,
    checked,
    on,
)
from tests.infra.stages import DEV
from tests.thorough import amount

TRACES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
INTERFACES = {
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
}


def linted(assembly: Assembly) -> list[str]:
    templates = sorted(assembly.folder.glob("*.template.json"))
    assert len(templates) == 5
    return [finding for template in templates for finding in lint(template)]


def everywhere(assembly: Assembly) -> list[set[str]]:
    """Return the actions of each statement that is granted on all resources."""
    return [
        set(statement["Action"])
        for policy in assembly.of("AWS::IAM::ManagedPolicy")
        for statement in assembly.statements(policy)
        if statement["Resource"] == "*"
    ]


def test_all_options_together_pass_cfn_lint(everything: Assembly) -> None:
    assert linted(everything) == []


def test_with_all_options_cdk_nag_finds_only_the_kinds_that_are_acknowledged(
    hardened: tuple[Assembly, nag.Findings],
) -> None:
    rules = {rule for of_kind in nag.acknowledged().values() for rule in of_kind}

    assert hardened[1] == {rule: nag.WHERE[rule] for rule in rules}


def test_cloudformation_has_rights_for_each_type_that_any_option_deploys_and_no_other(
    everything: Assembly,
) -> None:
    assert set(RIGHTS) == {resource.type for resource in everything.everything}


@pytest.mark.thorough
@pytest.mark.parametrize("chosen", SPREAD[: amount(len(SPREAD), few=1)])
def test_every_combination_of_options_passes_cfn_lint_and_cdk_nag(
    chosen: dict[str, object], project: Sources, tmp_path: Path
) -> None:
    assembly, found = checked(chosen, project, tmp_path)

    assert linted(assembly) == []
    assert found == nag.expected(on(chosen))


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


def test_executions_are_reserved_for_the_functions_that_are_named(
    everything: Assembly, dev: Assembly
) -> None:
    def reserved(of: Assembly) -> dict[str, int]:
        name = "ReservedConcurrentExecutions"
        return {
            function: each.properties[name]
            for function, each in of.functions.items()
            if name in each.properties
        }

    assert reserved(everything) == {each.function: each.executions for each in RESERVED}
    assert reserved(dev) == {}


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
    assert set(DEV.started_at_once) == {each.name for each in FUNCTIONS}


def reserved(function: str, executions: int) -> Callable[[], StageConfig]:
    return lambda: replace(DEV, reserved=(Reserved(function=function, executions=executions),))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (reserved("issue_barcode", 5), "reserved names 'issue_barcode': use one of audit_barcodes"),
        (reserved("issue_barcodes", 1), "its queues start 2 at once"),
        (reserved("deliver_webhooks", 30), "its queues start 35 at once"),
        (lambda: replace(DEV, reserved=RESERVED * 2), "reserved names issue_barcodes twice"),
        (lambda: replace(DEV, warm_write_units=3_999), "use 4000 to 40000, or None"),
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
