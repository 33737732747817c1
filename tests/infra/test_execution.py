"""CloudFormation's role may do what the resources of a stage need, and nothing with their data."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint  # type: ignore[import-untyped]
import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from infra.limits import POLICY_CHARACTERS
from infra.release import execution
from infra.release.execution_rights import ANY, PASSED_TO, RIGHTS
from tests.infra.assembly import Assembly, Json

# What the handlers of CloudFormation may ask for, and a template of ours makes none of them do.
LEFT_OUT = {
    "has no key of its own": ".* kms:.*|Logs::LogGroup logs:(Associate|Disassociate)KmsKey",
    "keeps what it says in itself": (
        "(ApiGatewayV2::.*|DynamoDB::Table|Logs::LogGroup) s3:.*|.* (kinesis|firehose):.*"
    ),
    "has no file system, code signing, capacity provider or provisioned concurrency": (
        "Lambda::Function (elasticfilesystem:.*|s3files:.*|ec2:DescribeNetworkInterfaces)"
        "|Lambda::Function lambda:((Put|Delete)FunctionCodeSigningConfig|GetCodeSigningConfig)"
        "|Lambda::Function lambda:(PassCapacityProvider|AssociateRuntimeAlias)"
        "|Lambda::.* lambda:((Put|Delete)ProvisionedConcurrencyConfig|PutFunctionScalingConfig)"
    ),
    "has no replica, no import and no policy of its own: rows are none of its business": (
        "DynamoDB::Table dynamodb:(.*Replica|.*Item|Query|Scan|.*Import.*|.*ResourcePolicy)"
        "|DynamoDB::Table dynamodb:.*KinesisStreamingDestination"
        "|DynamoDB::Table (logs|iam):.*|SecretsManager::Secret secretsmanager:.*Region.*"
    ),
    "takes no role, and no inline policy, user or group is made": (
        "(ApiGatewayV2::Integration|Events::Rule|SNS::.*) iam:(PassRole|GetRole)"
        "|IAM::Role iam:((Put|Delete)RolePolicy|DeleteRolePermissionsBoundary)"
        "|IAM::ManagedPolicy iam:(Attach|Detach)(Group|User)Policy"
        "|CodeDeploy::.* codedeploy:RegisterOnPremisesInstance"
    ),
    "has no policy of its data, no index and no delivery": (
        "Logs::LogGroup logs:((Put|Delete)(DataProtection|Index|Resource)Policy|CreateLogDelivery)"
        "|Logs::LogGroup logs:(DescribeResourcePolicies|PutBearerTokenAuthentication)"
        "|Logs::LogGroup logs:PutLogGroupDeletionProtection"
        "|SNS::Topic sns:(PutDataProtectionPolicy|Subscribe|Unsubscribe)"
    ),
    "is no action that IAM knows; tags of APIs are a path": (
        "ApiGatewayV2::Stage apigateway:(Tag|Untag)Resource"
    ),
}
# What API Gateway asks for where an API has an access log or a domain (its guide for HTTP APIs),
# and CloudFormation where a template reads what another stack puts out.
BESIDE = re.compile("logs:.*|apigateway:PUT|iam:CreateServiceLinkedRole|.*:DescribeStacks")
# Resources that have no name of ours: ids of AWS, logical ids, and what the bootstrap has.
UNNAMED = re.compile(
    r"apigateway:.*|lambda:.*:(layer:Layers\*|event-source-mapping:\*)|.*cdk-bootstrap.*|s3:::cdk-.*"
    r"|iam:.*:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"
    r"|codedeploy:.*:deploymentconfig:CodeDeployDefault\.\*"
)
REFERENCE = Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json"


@cache
def services() -> Json:
    """Return what IAM's reference says of each service, as cfn-lint brings it."""
    found: Json = json.loads(REFERENCE.read_text())
    return found


def known(action: str) -> Json | None:
    service, name = action.split(":")
    found: Json | None = services()[service]["Actions"].get(name.lower())
    return found


def formats(action: str) -> list[str]:
    """Return the shapes of the resources that an action knows, as regular expressions."""
    service, _ = action.split(":")
    shapes = [
        shape
        for kind in (known(action) or {}).get("Resources", [])
        for shape in services()[service]["Resources"][kind.lower()]["ARNFormats"]
    ]
    return [re.sub(r"\$\{[A-Za-z]+\}", ".*", shape) for shape in shapes]


def asked_by(kind: str) -> set[str]:
    handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema["handlers"]
    return {
        action
        for name, handler in handlers.items()
        if name != "list"
        for action in handler["permissions"]
    }


def granted(kind: str) -> set[str]:
    return {action for right in RIGHTS[kind] for action in right.actions}


def statements(**options: str) -> list[Json]:
    resources: Any = execution.template("couponbus", **options)["Resources"]
    return [
        statement
        for policy in resources.values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def left_out(kind: str, action: str) -> list[str]:
    """Return the reasons for which a type lacks an action."""
    asked = f"{kind.removeprefix('AWS::')} {action}"
    return [why for why, pattern in LEFT_OUT.items() if re.fullmatch(pattern, asked)]


def test_a_type_has_what_its_handlers_ask_for_but_what_is_left_out_for_a_reason() -> None:
    lacking = {(kind, each) for kind in RIGHTS for each in asked_by(kind) - granted(kind)}
    more = {(kind, each) for kind in RIGHTS for each in granted(kind) - asked_by(kind)}

    assert not [each for each in lacking if not left_out(*each)]
    assert not [each for each in more if not BESIDE.fullmatch(each[1])]
    assert {why for each in lacking for why in left_out(*each)} == set(LEFT_OUT)


def test_what_a_template_reads_of_other_stacks_and_parameters_may_be_read(prod: Assembly) -> None:
    """CloudFormation resolves both with the rights of the role, before it makes anything."""
    read = {
        "cloudformation:DescribeStacks": {
            f"stack/{found['StackName']}/any-id"
            for template in prod.templates_by_name.values()
            for found in values_of("Fn::GetStackOutput", template)
        },
        "ssm:GetParameters": {
            f"parameter{each['Default']}"
            for template in prod.templates_by_name.values()
            for each in template.get("Parameters", {}).values()
            if each["Type"].startswith("AWS::SSM::Parameter::Value")
        },
    }

    for action, things in read.items():
        arns = [
            resource["Fn::Sub"].partition("${AWS::AccountId}:")[2]
            for each in statements()
            if action in each["Action"]
            for resource in each["Resource"]
        ]
        assert things
        for thing in things:
            assert any(fnmatchcase(thing, arn) for arn in arns), (action, thing)


def values_of(key: str, body: object) -> Iterator[Json]:
    if isinstance(body, dict):
        if key in body:
            yield body[key]
        for each in body.values():
            yield from values_of(key, each)
    if isinstance(body, list):
        for each in body:
            yield from values_of(key, each)


def test_an_account_that_has_no_domain_yet_gets_the_role_of_api_gateway_and_no_other() -> None:
    [allowed] = [each for each in statements() if "iam:CreateServiceLinkedRole" in each["Action"]]

    assert allowed["Action"] == ["iam:CreateServiceLinkedRole"]
    [role] = allowed["Resource"]
    assert role["Fn::Sub"].endswith("/AWSServiceRoleForAPIGateway")
    assert allowed["Condition"] == {
        "StringEquals": {"iam:AWSServiceName": ["ops.apigateway.amazonaws.com"]}
    }


def test_each_action_is_one_of_iam_and_is_granted_on_what_it_knows() -> None:
    words = {"here": "r:a", "region": "r", "account": "a", "name": "couponbus", "qualifier": "q"}
    for kind, rights in RIGHTS.items():
        for right in rights:
            for action in right.actions:
                assert "*" not in action and known(action) is not None, action
                assert (right.on == (ANY,)) is not bool(formats(action)), (kind, action)
                arns = [f"arn:aws:{each.format(**words)}" for each in right.on]
                if right.on == (ANY,) or action.startswith("apigateway:"):
                    continue
                shapes = formats(action)
                assert any(re.fullmatch(shape, arn) for shape in shapes for arn in arns), action


def test_what_can_have_a_name_has_that_of_the_installation() -> None:
    for right in (each for rights in RIGHTS.values() for each in rights):
        for resource in right.on:
            assert resource == ANY or "{name}" in resource or UNNAMED.fullmatch(resource)


def test_roles_are_passed_to_three_services_only_and_take_policies_of_the_installation_only() -> (
    None
):
    by_action = {action: each for each in statements() for action in each["Action"]}
    roles = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/couponbus-*"}
    policies = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/couponbus-*"}

    passing, attaching = by_action["iam:PassRole"], by_action["iam:AttachRolePolicy"]
    assert passing["Resource"] == [roles] and attaching["Resource"] == [roles]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": list(PASSED_TO)}}
    assert attaching["Condition"] == {"ArnLike": {"iam:PolicyARN": policies}}


def test_with_a_boundary_only_roles_that_have_it_are_made_and_given_rights() -> None:
    bound = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/limits"
    for statement in statements(boundary="limits"):
        if set(statement["Action"]) & execution.BOUNDED:
            assert set(statement["Action"]) <= execution.BOUNDED
            assert statement["Condition"]["StringEquals"] == {
                "iam:PermissionsBoundary": {"Fn::Sub": bound}
            }
    assert not [each for each in statements() if "iam:PermissionsBoundary" in json.dumps(each)]


def test_with_a_key_of_yours_its_use_is_added_and_nothing_of_it_without() -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"
    added = [each for each in statements(key=key) if each not in statements()]
    of_key = {each for one in added for each in one["Action"] if each.startswith("kms:")}
    asked = {each for kind in RIGHTS for each in asked_by(kind) if each.startswith("kms:")}

    # The one is no action of IAM, the other a list of all keys.
    assert of_key == asked - {"kms:ReEncrypt", "kms:ListAliases"}
    assert all(known(action) for action in of_key)
    for one in added:
        if of_key & set(one["Action"]):
            assert one["Resource"] == [{"Fn::Sub": key.replace("arn:aws", "arn:${AWS::Partition}")}]
    assert execution.main(["--key", "alias/mine"]) == 2


def test_the_policies_fit_a_role_and_none_can_change_them() -> None:
    key = f"arn:aws:kms:ap-southeast-2:123456789012:key/{'k' * 36}"
    made: Any = execution.template("a" * 20, qualifier="q" * 10, boundary="b" * 64, key=key)[
        "Resources"
    ]

    assert len(made) <= 10
    for policy in made.values():
        given = policy["Properties"]
        assert execution.size_of(given["PolicyDocument"]["Statement"]) <= POLICY_CHARACTERS
        assert given["ManagedPolicyName"]["Fn::Sub"].startswith("cdk-deploys-")


def test_the_command_prints_a_template_and_refuses_what_names_no_installation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert execution.main(["--installation", "shop", "--qualifier", "mine"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)["Outputs"]["Policies"]
    assert "table/shop-*" in printed and "cdk-mine-assets" in printed
    for wrong in ("*", "cdk", "Shop"):
        assert execution.main(["--installation", wrong]) == 2
